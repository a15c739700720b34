"""The receivers that docs/webhooks.md shows take what we sign, and nothing else."""

import asyncio
import base64
import re
import runpy
import shutil
import socket
import subprocess
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest

from kit import clock
from kit.checkout import ROOT
from kit.ids import new_id
from projections.webhooks.signing import headers
from tests.servers.nodes.small_disk import missing
from tests.servers.processes import free_port

SHOWN = (ROOT / "docs" / "webhooks.md").read_text("utf-8")
SECRET = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
EVENT = new_id()
BODY = f'{{"id":"{EVENT}","type":"article.published","data":{{"title":"«Ту-144»"}}}}'.encode()
PACKAGE = "standardwebhooks@1.1.1"

TOO_OLD = timedelta(minutes=5, seconds=10)


def code(language: str) -> str:
    (found,) = re.findall(rf"```{language}\n(.*?)```", SHOWN, re.DOTALL)
    return str(found)


def requests() -> list[tuple[Mapping[str, str], bytes, int]]:
    """Return headers, a body, and the status that is due: of what is genuine, and of what is not."""
    now = clock.now()

    def signed(at: datetime = now, *secrets: bytes) -> Mapping[str, str]:
        return headers(secrets or (SECRET,), EVENT, BODY, at)

    return [
        (signed(), BODY, 204),
        (signed(now, b"another secret of the one", SECRET), BODY, 204),
        (signed(now, b"another secret of the one"), BODY, 401),
        (signed(), BODY + b" ", 401),
        (signed(now - TOO_OLD), BODY, 401),
        ({"Content-Type": "application/cloudevents+json"}, BODY, 401),
        (dict(signed()) | {"webhook-id": str(new_id())}, BODY, 401),
    ]


def test_the_receivers_of_the_docs_take_what_is_signed_and_nothing_else(tmp_path: Path) -> None:
    """The one in Python."""
    script = tmp_path / "receiver.py"
    script.write_text(code("python"), "utf-8")
    client = runpy.run_path(str(script))["app"].test_client()
    found = [client.post("/in", data=body, headers=dict(sent)).status_code for sent, body, _ in requests()]
    assert [status for _, _, status in requests()] == found


@pytest.mark.prove
async def test_the_receiver_in_node_takes_the_same(tmp_path: Path) -> None:
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm is None or node is None:
        missing("npm and node are not installed")
    (tmp_path / "receiver.mjs").write_text(code("js"), "utf-8")
    install = (npm, "install", "--silent", "--no-audit", "--no-fund", PACKAGE)
    subprocess.run(install, cwd=tmp_path, check=True, timeout=240)  # noqa: ASYNC221 - nothing else runs
    port = free_port()
    environment = {"PORT": str(port), "PATH": str(Path(node).parent)}
    with subprocess.Popen((node, "receiver.mjs"), cwd=tmp_path, env=environment) as running:  # noqa: ASYNC220 - short
        try:
            await _listening(port)
            async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
                found = [await _status(client, sent, body) for sent, body, _ in requests()]
        finally:
            running.kill()
    assert [status for _, _, status in requests()] == found


async def _status(client: httpx2.AsyncClient, sent: Mapping[str, Any], body: bytes) -> int:
    return (await client.post("/in", content=body, headers=dict(sent))).status_code


async def _listening(port: int) -> None:
    async with asyncio.timeout(30):
        while True:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return
            await asyncio.sleep(0.05)
