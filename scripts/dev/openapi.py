"""The OpenAPI document of this build, as GET /openapi.json answers it, written to docs/."""

import asyncio
import json
from collections.abc import MutableMapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from kit.auth.keys import ensure_signing_key
from kit.checkout import ROOT
from kit.settings import Settings
from scripts.app import create

PATH = ROOT / "docs" / "openapi.json"


def document() -> dict[str, Any]:
    """Return the OpenAPI document; needs no database, and the same code always gives the same one."""
    with TemporaryDirectory() as folder:
        key = Path(folder) / "signing-key.pem"
        ensure_signing_key(key)
        return asyncio.run(_ask(Settings(signing_key_file=key, log_level="error")))


def text() -> str:
    """Return the document as it is committed."""
    return json.dumps(document(), ensure_ascii=False, indent=2) + "\n"


def write(path: Path = PATH) -> None:
    """Write the document."""
    path.parent.mkdir(exist_ok=True)
    path.write_text(text(), encoding="utf-8")


async def _ask(settings: Settings) -> dict[str, Any]:
    """Ask the application itself: what is committed is what a client would get."""
    answer: list[MutableMapping[str, Any]] = []

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: MutableMapping[str, Any]) -> None:
        answer.append(message)

    path = "/openapi.json"
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "scheme": "http", "method": "GET",
        "path": path, "raw_path": path.encode(), "query_string": b"", "root_path": "",
        "headers": [(b"host", b"localhost")], "client": None, "server": None,
    }  # fmt: skip
    await create(settings)(scope, receive, send)
    if answer[0]["status"] != 200:  # noqa: PLR2004 - what HTTP calls a success
        raise RuntimeError(f"{path} answered {answer[0]['status']}")
    body = b"".join(message.get("body", b"") for message in answer)
    found: dict[str, Any] = json.loads(body)
    return found


if __name__ == "__main__":
    write()
