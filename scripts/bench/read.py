"""read-hot, read-cold: one article over HTTP, from the layer of whole answers and from its tables."""

import asyncio
import random
import tempfile
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx2

from events.codec import CODEC
from kit.auth.keys import ensure_signing_key
from kit.ids import new_id
from kit.postgres.connect import READER, pooled
from projections.builds.fingerprint import fingerprint
from projections.builds.generation import schema_name
from projections.catalog import PROJECTIONS
from read_side.entry.kinds import MODEL
from read_side.entry.statement import statement
from scripts.bench.rig.databases import own_database
from scripts.bench.rig.load import get, load
from scripts.bench.rig.report import result
from scripts.bench.rig.servers import floor, product
from scripts.sample.made_up import made_up
from write_side.bus import Bus
from write_side.call import Call
from write_side.command import Why
from write_side.entry import commands
from write_side.entry.bodies import create_body
from write_side.entry.kind import EntryKind
from write_side.entry.kinds import AGGREGATES
from write_side.main import bus

KIND = AGGREGATES["article"]

BODY = "Первый полёт состоялся 31 декабря 1968 года. " * 100
"""About 8 kB in UTF-8."""

CONNECTIONS = 32
ROUNDS = 3
ARTICLES = 2_000
"""Enough that cold reads meet a different article each time and no copy of it."""


async def published(running: Bus, slug: str, body: str = BODY, kind: EntryKind = KIND) -> UUID:
    """Make a published entry and return its id.

    Args:
        running: takes the commands.
        slug: and its title.
        body: what it says, where the kind has such a text.
        kind: of the entry.
    """
    actor = new_id()
    chance = random.Random(slug)  # noqa: S311 - a load, not a secret
    said = made_up(kind.declared, slug, chance, {}) | {"slug": slug}
    if "body" in said:
        said["body"] = body
    if kind.declared.localized:
        said["locale"] = "ru"
    create = create_body(kind.declared)(**said)
    id_ = (await running.run(commands.create, kind, Call(actor=actor), create)).stream
    submitting, publishing = (Call(actor=actor, stream=id_, expected=version) for version in (1, 2))
    await running.run(commands.submit, kind, submitting, Why())
    await running.run(commands.publish, kind, publishing, commands.Publish(revision=1))
    return id_


async def wait_ready(port: int, path: str, seconds: float = 20) -> bytes:
    """Wait until an article is served, and return its bytes."""
    async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        for _ in range(int(seconds / 0.05)):
            answer = await client.get(path)
            if answer.status_code == 200 and (await client.get("/readyz")).status_code == 200:  # noqa: PLR2004
                return answer.content
            await asyncio.sleep(0.05)
    raise TimeoutError(f"{path} is not served")


async def hot(server: str, *, seconds: float = 3.0) -> dict[str, Any]:
    """Measure read-hot against a bare application that sends the same bytes."""
    with tempfile.TemporaryDirectory() as name, own_database(server) as dsn:
        folder = Path(name)
        ensure_signing_key(folder / "key.pem")
        async with bus(dsn, CODEC) as running:
            await published(running, "hot")
        with product(dsn, folder / "key.pem", folder) as port:
            body = await wait_ready(port, "/v1/articles/hot")
            with floor("app", folder, body) as floor_port:
                request = get("/v1/articles/hot")
                rates: list[tuple[float, float]] = []
                latencies: list[float] = []
                for _ in range(ROUNDS):
                    ours = await load(port, [lambda: request] * CONNECTIONS, seconds=seconds)
                    bare = await load(floor_port, [lambda: request] * CONNECTIONS, seconds=seconds)
                    rates.append((ours.rate, bare.rate))
                    latencies += ours.seconds
    ours_rate, bare_rate = sorted(rates, key=lambda pair: pair[0] / pair[1])[ROUNDS // 2]
    return result(
        "read-hot", ours_rate, bare_rate, unit="requests/s", seconds=latencies,
        peer_name="a bare ASGI app that sends the same bytes on the same server", bytes=len(body),
    )  # fmt: skip


async def cold(server: str, *, seconds: float = 3.0) -> dict[str, Any]:
    """Measure read-cold against the same query alone through asyncpg."""
    with tempfile.TemporaryDirectory() as name, own_database(server) as dsn:
        folder = Path(name)
        ensure_signing_key(folder / "key.pem")
        await publish_articles(dsn)
        with product(dsn, folder / "key.pem", folder) as port:
            await wait_ready(port, f"/v1/articles/cold-{ARTICLES - 1}")
            rates: list[tuple[float, float]] = []
            latencies: list[float] = []
            for _ in range(ROUNDS):
                ours = await load(port, [others()] * CONNECTIONS, seconds=seconds)
                alone = await _alone(dsn, seconds)
                rates.append((ours.rate, alone))
                latencies += ours.seconds
    ours_rate, alone = sorted(rates, key=lambda pair: pair[0] / pair[1])[ROUNDS // 2]
    return result(
        "read-cold", ours_rate, alone, unit="requests/s", seconds=latencies,
        peer_name="the same query alone through asyncpg, 32 readers",
    )  # fmt: skip


async def publish_articles(dsn: str) -> None:
    """Publish so many articles that `others` never reads the same one twice in a row."""
    async with bus(dsn, CODEC) as running:
        for first in range(0, ARTICLES, 100):
            await asyncio.gather(*(published(running, f"cold-{n}") for n in range(first, first + 100)))


def others() -> Callable[[], bytes]:
    """Return a source of reads of one article after the other, each from the tables: nothing keeps them."""
    numbers = count()
    return lambda: get(f"/v1/articles/cold-{next(numbers) % ARTICLES}?after=1")


async def _alone(dsn: str, seconds: float) -> float:
    """Return how often 32 readers get the article's row, each on a connection of its own."""
    sql = statement(schema_name(MODEL, fingerprint(PROJECTIONS[0]), 1), "slug")
    counted = 0
    async with pooled(dsn, "bench alone", READER, size=CONNECTIONS) as connections:

        async def reader(number: int) -> None:
            nonlocal counted
            async with connections.acquire() as connection:
                while time.perf_counter() < end:
                    await connection.fetch(sql, [KIND.name], [f"cold-{number % ARTICLES}"])
                    number += CONNECTIONS
                    counted += 1

        began = time.perf_counter()
        end = began + seconds
        await asyncio.gather(*(reader(number) for number in range(CONNECTIONS)))
        return counted / (time.perf_counter() - began)
