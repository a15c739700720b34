"""Commands that may be refused, what was answered to each, and what the log holds of them."""

import asyncio
import base64
import random
import time
from typing import Any

from tests.faults.test_postgres import article
from tests.projections.driving import projector
from tests.servers.running import Editor, problem

CREATED = """
select stream::text, position from log.event
 where type = 'article.created' and convert_from(payload, 'utf8')::json ->> 'slug' like $1"""


class Writer:
    """Sends commands, each under a key of its own, and keeps what was answered."""

    def __init__(self, editor: Editor, name: str) -> None:
        self._editor = editor
        self.name = f"w-{name}"
        self._sizes: dict[str, int] = {}
        self.receipts: dict[str, dict[str, Any]] = {}
        self.refused: dict[str, int] = {}
        """Status of the last answer to each command that is not acknowledged."""
        self.slowest = 0.0

    async def write(self, *sizes: int) -> list[int]:
        """Send new commands of these sizes, all at once; return their statuses."""
        first = len(self._sizes)
        keys = {f"{self.name}-{first + n}": size for n, size in enumerate(sizes)}
        self._sizes |= keys
        return list(await asyncio.gather(*map(self.send, keys)))

    async def send(self, key: str) -> int:
        """Send the command of a key, again or for the first time."""
        text = base64.b64encode(random.Random(key).randbytes(self._sizes[key])).decode()  # noqa: S311 - the same for each key, and nothing that shrinks
        began = time.monotonic()
        answer = await self._editor.send("POST", "/articles", article(key) | {"body": text}, key=key)
        self.slowest = max(self.slowest, time.monotonic() - began)
        if answer.status_code == 201:
            assert self.receipts.setdefault(key, answer.json()) == answer.json()
            self.refused.pop(key, None)
        else:
            problem(answer)
            assert answer.headers["retry-after"]
            self.refused[key] = answer.status_code
        return answer.status_code

    def acknowledged(self) -> dict[str, int]:
        """Return article → position of its slug, which stands behind it, as the receipts say."""
        return {receipt["id"]: receipt["position"] for receipt in self.receipts.values()}


async def stored(dsn: str, writer: Writer) -> dict[str, int]:
    """Return article → position behind it, as the log says."""
    async with projector(dsn) as connection:
        found = await connection.fetch(CREATED, f"{writer.name}-%")
    assert len(found) == len({stream for stream, _ in found}), "each once"
    return {stream: position + 1 for stream, position in found}
