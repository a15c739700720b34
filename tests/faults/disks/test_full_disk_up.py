"""`frankenjet up` on a disk that runs full: it lives on, and comes back by itself with all that it had."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Iterator

import aio_pika
import asyncpg
import httpx2
import pytest
import pytest_asyncio
from aio_pika.abc import AbstractQueue

from kit.broker.publisher import EXCHANGE
from kit.broker.topology import declare
from scripts.models.verify import verify
from tests.adversaries.acknowledged import Writer, stored
from tests.faults.disks.test_full_disk import LARGE, PATIENCE, RECOVERY, SMALL
from tests.projections.driving import projector
from tests.servers.nodes.small_disk import Disk, missing, small_disk
from tests.servers.running import Editor
from tests.servers.up_on_disk import Up

pytestmark = [pytest.mark.rabbitmq, pytest.mark.prove]
pytest_plugins = ["tests.servers.broker"]

START = 60.0

FULL = 8.0
"""Seconds without room: long enough for many a start in vain."""


@pytest.fixture
def disk() -> Iterator[Disk]:
    if os.geteuid() != 0:
        missing("only root may run a command where the disk is mounted")
    with small_disk(320) as mounted:
        yield mounted


@pytest_asyncio.fixture
async def bot(broker_url: str) -> AsyncIterator[AbstractQueue]:
    """Yield a queue that gets every event."""
    await declare(broker_url)
    async with await aio_pika.connect(broker_url) as connection:
        queue = await (await connection.channel()).declare_queue("bot")
        await queue.bind(EXCHANGE, "#")
        yield queue


async def received(queue: AbstractQueue, last: int) -> list[int]:
    """Take messages until the event at a position is among them; return each position as it first came."""
    found: list[int] = []
    async with asyncio.timeout(RECOVERY):
        while last not in found:
            message = await queue.get(no_ack=True, fail=False)
            if message is None:
                await asyncio.sleep(0.05)
            elif message.routing_key != "log.sealed":
                found.append(int(str(message.headers["x-position"])))
    return list(dict.fromkeys(found))


async def status(client: httpx2.AsyncClient, place: str) -> int:
    """Return the status of an answer, 0 while nobody answers."""
    try:
        return (await client.get(place)).status_code
    except httpx2.TransportError:
        return 0


async def use_up_wal(dsn: str) -> None:
    """Write what nobody needs until the server goes down for want of room."""
    owner = await asyncpg.connect(dsn)
    while not owner.is_closed():
        try:
            await owner.execute("select pg_logical_emit_message(false, 'test', repeat('x', 1000000))")
        except (asyncpg.PostgresError, OSError):
            break


async def test_a_machine_whose_only_disk_is_full_lives_on_and_comes_back_by_itself(
    disk: Disk, broker_url: str, bot: AbstractQueue
) -> None:
    up = Up(disk, broker_url)
    async with httpx2.AsyncClient(base_url=up.url, timeout=10) as client:
        with up.running() as process:
            async with asyncio.timeout(START):
                while 200 != await status(client, "/readyz"):  # noqa: ASYNC110 - it is asked
                    await asyncio.sleep(0.1)
            dsn, ours = up.dsn, up.ours()
            token = up.called("token", "--account", "E", "--role", "editor").stdout.strip()
            writer = Writer(Editor(client, token), "up")
            assert [201] == await writer.write(SMALL)

            async with asyncio.timeout(RECOVERY):
                disk.fill(leave=1_000_000)
                while {507} != set(await writer.write(LARGE, SMALL)):
                    disk.fill()
            assert 200 == await status(client, "/v1/articles")

            await use_up_wal(dsn)
            disk.fill()  # again, since a server that goes down lets go of something
            async with asyncio.timeout(RECOVERY):
                while 200 == await status(client, "/readyz"):
                    pass
            down = time.monotonic()
            while time.monotonic() < down + FULL:
                assert [503] == await writer.write(SMALL)
                for place, expected in (("/v1/articles", 503), ("/readyz", 503), ("/livez", 200)):
                    assert expected == await status(client, place)
                await asyncio.sleep(0.2)

            disk.make_room()
            async with asyncio.timeout(RECOVERY):
                while 200 != await status(client, "/readyz") or [201] != await writer.write(SMALL):
                    pass
            assert (None, ours) == (process.poll(), up.ours()), "none of ours had to be started again"
            for key in [*writer.refused, *writer.receipts]:
                assert 201 == await writer.send(key)
            assert writer.acknowledged() == await stored(dsn, writer)
            assert writer.slowest < PATIENCE
            async with projector(dsn) as connection:
                assert 0 == await connection.fetchval("select count(*) from project.parked")
                head = await connection.fetchval("select log.head()")
            assert list(range(1, head + 1)) == await received(bot, head)
            assert 0 == await verify(dsn, as_json=True)
    assert 0 == process.returncode
    assert "postgres runs again." in up.said
