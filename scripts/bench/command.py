"""command-http: an authenticated, durable revision against a route that validates and does nothing."""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

from events.codec import CODEC
from kit.auth.keys import ensure_signing_key
from kit.ids import new_id
from kit.settings import Settings
from scripts.accounts.issuing import token_for
from scripts.bench.read import published
from scripts.bench.rig.databases import own_database
from scripts.bench.rig.load import load
from scripts.bench.rig.report import result
from scripts.bench.rig.servers import floor, product
from write_side.main import bus

CONNECTIONS = 64
ROUNDS = 3
TEXT = "x" * 900


async def editor(dsn: str, key: Path) -> str:
    """Make a signing key and return the token of an editor."""
    ensure_signing_key(key)
    ensure_signing_key(key)
    settings = Settings(signing_key_file=key)
    made = await token_for(settings, dsn, "bench", "editor", "12h", grant=False, bot=False)
    return made.token


async def run(server: str, *, seconds: float = 3.0) -> dict[str, Any]:
    """Measure command-http."""
    with tempfile.TemporaryDirectory() as name, own_database(server) as dsn:
        folder = Path(name)
        key = folder / "key.pem"
        token = await editor(dsn, key)
        async with bus(dsn, CODEC) as running:
            ids = [await published(running, f"command-{n}", "x") for n in range(CONNECTIONS)]
        with (
            product(dsn, key, folder, projector=False) as port,
            floor("post", folder) as floor_port,
        ):
            versions = [3] * CONNECTIONS
            rates: list[tuple[float, float]] = []
            latencies: list[float] = []
            refused = 0
            for _ in range(ROUNDS):
                ours = await load(
                    port, [revise(ids[n], versions, n, token) for n in range(CONNECTIONS)], seconds=seconds
                )
                bare = await load(
                    floor_port, [revise(ids[n], [0] * CONNECTIONS, n, token) for n in range(CONNECTIONS)],
                    seconds=seconds,
                )  # fmt: skip
                rates.append((ours.rate, bare.rate))
                latencies += ours.seconds
                refused += sum(ours.refused.values())
    ours_rate, bare_rate = sorted(rates, key=lambda pair: pair[0] / pair[1])[ROUNDS // 2]
    return result(
        "command-http", ours_rate, bare_rate, unit="commands/s", seconds=latencies, refused=refused,
        peer_name="the same framework's route that validates the same body and does nothing",
    )  # fmt: skip


def revise(id_: UUID, versions: list[int], number: int, token: str) -> Callable[[], bytes]:
    """Return a source of revisions of one article, each expecting the version that the last one made."""
    head = (
        f"PATCH /v1/articles/{id_} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n"
        f"Authorization: Bearer {token}\r\n"
    )

    def following() -> bytes:
        version = versions[number]
        versions[number] = version + 1
        body = f'{{"title":"Revision {version}","body":"{TEXT}{version}","reason":"A correction"}}'
        return (
            f'{head}If-Match: "v{version}"\r\nIdempotency-Key: {new_id()}\r\n'
            f"Content-Length: {len(body)}\r\n\r\n{body}"
        ).encode()

    return following
