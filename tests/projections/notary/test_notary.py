"""The notary: every event is sealed in time, whichever copy seals, and the seals get out."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import orjson
import pytest
import structlog
from aio_pika.abc import AbstractChannel
from structlog.testing import capture_logs

from events.codec import Stored
from kit.broker.publisher import EXCHANGE, Publisher
from kit.broker.topology import declare
from kit.health.tasks import ProcessHealth
from kit.ids import named_id, new_id
from kit.log.chain import Seal
from kit.logging import configure
from kit.postgres.connect import Connection, connect
from projections.notary.notary import NOTED, PAGE_EVENTS, ChainRunner, notary
from projections.notary.seals import to_output
from projections.verify.readable import golden, noted
from tests.given.lives import random_lives, store, store_raw, store_streams
from tests.given.messages import through
from tests.projections.driving import projector
from tests.servers.beside import beside
from tests.servers.proxy import Proxy
from tests.write_side.log.given import one_event
from write_side.log.appender import Appender

pytest_plugins = ["tests.servers.broker"]


async def seals(dsn: str) -> dict[int, bytes]:
    connection = await connect(dsn, "test")
    try:
        return dict(await connection.fetch("select position, chain from project.seal order by 1"))
    finally:
        await connection.close()


async def kinds(connection: Connection) -> dict[tuple[str, int], int]:
    rows = await connection.fetch("select type, schema, position from project.kind")
    return {(type_, schema): position for type_, schema, position in rows}


async def independent_chain(dsn: str) -> list[bytes]:
    """Compute the chain from SQL and the words of the documentation alone."""
    connection = await connect(dsn, "test")
    rows = await connection.fetch(
        'select format(\'{"position":%s,"recorded_at":"%s","type":"%s","schema":%s,"stream":"%s",'
        '"version":%s,"id":"%s","meta":%s,"payload":%s}\', position,'
        " to_char(recorded_at at time zone 'utc', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'), type, schema, stream,"
        " version, id, convert_from(meta, 'utf8'), convert_from(payload, 'utf8')) as line"
        " from log.event order by position"
    )
    await connection.close()
    chain = [bytes(32)]
    for row in rows:
        chain.append(hashlib.sha256(chain[-1] + row["line"].encode()).digest())
    return chain


@asynccontextmanager
async def sealing(dsn: str, *arguments: Any) -> AsyncIterator[None]:
    async with beside(notary(dsn, *arguments)):
        yield


async def eventually[T](ask: Callable[[], Awaitable[T]], seconds: float = 30.0) -> T:
    """Ask until the answer is neither false nor empty."""
    async with asyncio.timeout(seconds):
        while not (answer := await ask()):  # noqa: ASYNC110 - what is asked is a database or a broker
            await asyncio.sleep(0.05)
    return answer


async def until_sealed(dsn: str, position: int, seconds: float = 30.0) -> None:
    async def is_sealed() -> bool:
        return position in await seals(dsn)

    await eventually(is_sealed, seconds)


async def test_a_few_events_are_sealed_after_some_seconds(database: str) -> None:
    lives = random_lives(1, articles=2, steps=20)
    async with sealing(database, "one"):
        await store(database, lives)
        await until_sealed(database, len(lives))
    chain = await independent_chain(database)
    assert {position: chain[position] for position in await seals(database)} == await seals(database)


async def test_many_events_are_sealed_each_thousand(database: str) -> None:
    lives = random_lives(2, articles=300, steps=3_500)
    async with Appender(database) as appender:
        await store_streams(appender, lives[:1_900])
    async with sealing(database, "one"):
        await until_sealed(database, 1_900)
    found = await seals(database)
    assert [1_000, 1_900] == list(found)
    assert (await independent_chain(database))[1_900] == found[1_900]


async def test_a_notary_goes_on_where_another_one_was_killed(database: str) -> None:
    lives = random_lives(3, articles=3, steps=40)
    async with projector(database) as connection:
        await store(database, lives[:10])
        first = await ChainRunner.resumed(connection)
        await first.step()
        await first.seal_now()
        await store(database, lives[10:])
        await first.step()  # and now it dies
        second = await ChainRunner.resumed(connection)
        assert second.position == 10
        await second.step()
        await second.seal_now()
    chain = await independent_chain(database)
    assert {10: chain[10], len(lives): chain[-1]} == await seals(database)


async def test_the_kinds_of_event_are_noted_with_their_first_position(database: str) -> None:
    lives = random_lives(4, articles=2, steps=5)
    await store(database, lives)
    await store_raw(database, new_id(), 0, Stored("museum.opened", 7, b"{}"))
    async with projector(database) as connection:
        chain = await ChainRunner.resumed(connection)
        await chain.step()
        await chain.seal_now()
        found = await kinds(connection)
    assert (1, 2) == (found["article.created", 1], found["slug.claimed", 1])
    assert len(lives) + 1 == found["museum.opened", 7]


async def test_what_is_no_json_is_sealed_too(database: str) -> None:
    for payload in (b"\x00\xff", b"", b"[1]", b'{"a":\n1}', b'{"a":1', b'{"a":"\xed\xa0\x80"}', b"{}"):
        await store_raw(database, new_id(), 0, Stored('odd."type\n', 1, payload))
    async with projector(database) as connection:
        chain = await ChainRunner.resumed(connection)
        await chain.step()
    assert chain.position == 7


async def test_of_two_notaries_one_leads_and_the_other_takes_over(database: str) -> None:
    async with sealing(database, "one"):
        async with sealing(database, "two"):
            await store(database, random_lives(5, articles=1, steps=3)[:2])
            await until_sealed(database, 2)
        await store(database, random_lives(6, articles=1, steps=3)[:2])
        await until_sealed(database, 4)
    chain = await independent_chain(database)
    assert {2: chain[2], 4: chain[4]} == await seals(database)


async def test_seals_are_written_to_the_output(database: str) -> None:
    async with Appender(database) as appender:
        await asyncio.gather(*(appender.append(one_event()) for _ in range(1_000)))
    with capture_logs() as said:
        async with sealing(database, "one"):
            await until_sealed(database, 1_000)
            await asyncio.sleep(0.1)
    sealed = next(one for one in said if one["event"] == "log.sealed")
    assert (sealed["position"], sealed["chain"]) == (1_000, (await seals(database))[1_000].hex())


async def test_seals_are_written_to_the_output_however_quiet_it_is(
    capsys: pytest.CaptureFixture[str],
) -> None:
    former = structlog.get_config()
    configure("error", "json")
    try:
        to_output(new_id(), Seal(7, bytes(32)))
    finally:
        structlog.configure(**former)
    line = orjson.loads(capsys.readouterr().out)
    assert ("log.sealed", 7, "info") == (line["event"], line["position"], line["level"])


@pytest.mark.parametrize("gone", [1, PAGE_EVENTS + 20])
async def test_a_gap_halts_the_notary_visibly_and_seals_nothing_behind_it(database: str, gone: int) -> None:
    async with Appender(database) as appender:
        await asyncio.gather(*(appender.append(one_event()) for _ in range(3 + gone)))
    connection = await connect(database, "test")
    await connection.execute("delete from log.event where position >= 3 and position < 3 + $1", gone)
    await connection.close()

    async def halted() -> bool:
        return any(one["event"] == "notary.halted" for one in said)

    vitals = ProcessHealth()
    with capture_logs() as said:
        async with sealing(database, "one", None, vitals):
            await eventually(halted, 3)
    assert {} == await seals(database)
    assert "the log has no event at position 3" == vitals.task("notary").halted


@pytest.mark.rabbitmq
async def test_seals_go_out_through_the_broker_whenever_it_is_there(
    database: str, broker_url: str, broker_channel: AbstractChannel, broker_proxy: Proxy
) -> None:
    await declare(broker_url)
    queue = await broker_channel.declare_queue("seals", exclusive=True)
    await queue.bind(EXCHANGE, "log.sealed")
    await broker_proxy.refuse()

    async def connected() -> Publisher:
        return await Publisher.connect(through(broker_proxy, broker_url), patience=2)

    await store(database, random_lives(8, articles=2, steps=10)[:6])
    async with sealing(database, "one", connected):
        await until_sealed(database, 6)
        await broker_proxy.accept()
        found = await eventually(lambda: queue.get(no_ack=True, fail=False))
    assert found is not None
    said = orjson.loads(found.body)
    assert {"position": 6, "chain": (await seals(database))[6].hex()} == said["data"]
    assert ("log.sealed", found.message_id) == (said["type"], said["id"])


@pytest.mark.parametrize("schema", [0, 1])
async def test_a_type_that_no_index_holds_is_sealed_as_well_and_verified(database: str, schema: int) -> None:
    """A process that may write could blind the notary by one such event."""
    name = "".join(str(named_id("part", str(number))) for number in range(100))
    await store_raw(database, new_id(), 0, Stored(name, schema, b"{}"))
    async with projector(database) as connection:
        chain = await ChainRunner.resumed(connection)
        assert await chain.step()
        await chain.seal_now()
        told = {(name, schema): 1}
        assert {(name[:NOTED], schema): 1} == await kinds(connection)
        assert (await noted(connection, told)).ok
    assert golden(told).ok == (schema == 0)
