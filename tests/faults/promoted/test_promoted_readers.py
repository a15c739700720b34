"""A standby is promoted that lags: who knows more than the log halts or forgets, and skips nothing."""

import asyncio
from collections.abc import Callable
from uuid import UUID

import pytest
from eventsourcing.persistence import PersistenceError
from structlog.testing import capture_logs

from events.codec import CODEC
from events.reading import reader_of
from kit.errors import Problem
from kit.log.cursor import LeaderCursor
from kit.log.leader import run_while_leading
from kit.log.lease import Rewind
from kit.log.source import LogSource
from scripts.models.resync import resync
from tests.given.lives import random_lives, store
from tests.servers.beside import beside
from tests.servers.nodes.replica import Pair
from tests.write_side.log.given import rows, value
from tests.write_side.recorder.given import an_id, saved, take, told
from tests.write_side.test_bus import article, call, create, revise
from write_side.bus import Bus
from write_side.entry import commands, lifecycle
from write_side.entry.kinds import AGGREGATES
from write_side.log.streams import Snapshot
from write_side.main import bus, buses
from write_side.receipt import Receipt
from write_side.recorder import LogFactory

ARTICLE = AGGREGATES["article"]

RECOVERY = 30.0
LIVES = random_lives(61, articles=2, steps=60)
OTHERS = random_lives(62, articles=2, steps=60)


async def until(true: Callable[[], bool], seconds: float = RECOVERY) -> None:
    async with asyncio.timeout(seconds):
        while not true():  # noqa: ASYNC110 - others make it so
            await asyncio.sleep(0.02)


async def log_of(nodes: Pair) -> list[tuple[int, UUID]]:
    return [(row.position, row.id) for row in await rows(nodes.dsn)]


# The side that decides


class Office:
    """The write side of one process."""

    bus: Bus

    def use(self, one: Bus) -> None:
        self.bus = one

    async def revise(self, id_: UUID, title: str, version: int) -> Receipt:
        """Revise an article as somebody does who is told to come back."""
        while True:
            try:
                return await revise(self.bus, id_, call(expected=version), title)
            except Problem as problem:
                if problem.status != 503:
                    raise
                await asyncio.sleep(0.05)


async def test_nothing_is_decided_on_what_only_the_former_primary_knew(nodes: Pair) -> None:
    """Its place may be taken by another event by now: the same version, and other content."""
    office = Office()
    async with buses(nodes.dsn, CODEC, office.use):
        id_ = (await create(office.bus, call(), article())).stream
        await asyncio.to_thread(nodes.cut)
        await office.revise(id_, "Lost", 1)
        former = office.bus
        work = former.work(ARTICLE, call(stream=id_, expected=2))
        decided = lifecycle.revise(ARTICLE, await work.state(), {"title": "Decided on what was lost"})
        await nodes.fails()
        await nodes.promote()
        async with bus(nodes.dsn, CODEC) as elsewhere:
            asked = call(stream=id_, expected=1)
            await elsewhere.run(commands.rename, ARTICLE, asked, commands.Rename(slug="tu-160"))
        with pytest.raises(Problem) as refused:
            await work.append(decided)
        assert 503 == refused.value.status
        with pytest.raises(Problem):
            await former.streams.keep_snapshot(Snapshot(id_, 2, 2, "any", b"{}"))
        async with asyncio.timeout(RECOVERY):
            receipt = await office.revise(id_, "Новое", 2)
        assert (3, 2) == (receipt.version, receipt.revision)
        assert former is not office.bus
        assert b"Lost" not in await value(
            nodes.dsn, "select payload from log.event where stream = $1 and version = 3", id_
        )
        assert 0 == await value(nodes.dsn, "select count(*) from log.snapshot")


async def test_an_idle_process_has_forgotten_before_it_is_asked(nodes: Pair) -> None:
    office = Office()
    async with buses(nodes.dsn, CODEC, office.use):
        id_ = (await create(office.bus, call(), article())).stream
        former = office.bus
        nodes.caught_up()
        await nodes.fails()
        await nodes.promote()
        await until(lambda: office.bus is not former)
        receipt = await revise(office.bus, id_, call(expected=1), "Новое")
        assert 2 == receipt.version


async def test_a_promoted_server_whose_commits_are_not_durable_is_written_to_when_they_are(
    nodes: Pair,
) -> None:
    """Settings are not replicated: the gate has let the former primary pass, not this one."""
    office = Office()
    async with buses(nodes.dsn, CODEC, office.use):
        id_ = (await create(office.bus, call(), article())).stream
        former = office.bus
        nodes.caught_up()
        nodes.standby.sets("synchronous_commit", "local")
        await nodes.fails()
        await nodes.promote()
        with capture_logs() as said:
            await until(lambda: any(one["event"] == "bus.refused" for one in said))
        assert any("synchronous_commit is local" in one.get("reason", "") for one in said)
        with pytest.raises(Problem) as refused:
            await revise(former, id_, call(expected=1), "Lost")
        assert (503, former) == (refused.value.status, office.bus)
        nodes.standby.sets("synchronous_commit", "on")
        async with asyncio.timeout(RECOVERY):
            receipt = await office.revise(id_, "Новое", 1)
        assert 2 == receipt.version


# The side that follows


class Follower:
    """A reader of the log that keeps what it sees outside the database."""

    def __init__(self, nodes: Pair) -> None:
        self._nodes = nodes
        self.seen: list[tuple[int, UUID]] = []

    async def follow(self) -> None:
        await run_while_leading(self._nodes.dsn, "museum", "here", self._work)

    async def _work(self, cursor: LeaderCursor) -> None:
        position = await cursor.load()
        async with LogSource(self._nodes.dsn, reader_of(CODEC), "museum source") as source:
            while True:
                if page := await source.read(position, 100):
                    self.seen += [(item.position, item.id) for item in page]
                    position = page[-1].position
                    await cursor.save(position)
                await source.wait(position)


async def fall_back(
    nodes: Pair, seen: Callable[[], int], dies: Callable[[], object] = lambda: None
) -> list[tuple[int, UUID]]:
    """Store what the standby has, and what it lacks; promote it once all was seen, and store other events.

    Args:
        nodes: the primary and the standby.
        seen: how many events the reader has seen.
        dies: called with the death of the primary.

    Returns:
        What the former primary held.
    """
    await store(nodes.dsn, LIVES[:10])
    await asyncio.to_thread(nodes.cut)
    await store(nodes.dsn, LIVES[10:15])
    stored = await log_of(nodes)
    await until(lambda: seen() == 15)
    await asyncio.sleep(0.1)
    await nodes.fails()
    dies()
    await nodes.promote()
    assert stored[:10] == await log_of(nodes)
    await store(nodes.dsn, OTHERS[:12])
    return stored


async def test_a_reader_that_has_seen_more_halts_and_after_a_resync_it_begins_again(nodes: Pair) -> None:
    reader, dsn = Follower(nodes), nodes.standby.server.dsn
    with capture_logs() as said:
        async with beside(reader.follow()):
            stored = await fall_back(nodes, lambda: len(reader.seen))
            await until(lambda: "reader.halted" in [one["event"] for one in said])
    assert stored == reader.seen
    halted = next(one["error"] for one in said if one["event"] == "reader.halted")
    assert "EPOCH_REWIND" in halted
    assert "frankenjet resync" in halted
    async with LeaderCursor(dsn, "museum", "a copy that remembers nothing") as another:
        with pytest.raises(Rewind):
            await another.lead()
    assert 1 == await resync(dsn, dsn, forget=False)
    assert 0 == await resync(dsn, dsn, forget=True)
    async with beside(reader.follow()):
        await until(lambda: len(reader.seen) == 15 + 22)
    assert await log_of(nodes) == reader.seen[15:]


async def test_a_subscription_of_the_library_ends_when_its_place_was_taken(nodes: Pair) -> None:
    factory = LogFactory(told(nodes.dsn))
    recorder = factory.application_recorder()
    try:
        await asyncio.to_thread(recorder.insert_events, saved(an_id(), 1))
        await asyncio.to_thread(nodes.cut)
        await asyncio.to_thread(recorder.insert_events, saved(an_id(), 1))
        subscription = await asyncio.to_thread(recorder.subscribe)
        assert [1, 2] == await asyncio.to_thread(take, subscription, 2)
        await nodes.fails()
        await nodes.promote()
        await store(nodes.dsn, OTHERS[:5])
        with pytest.raises(PersistenceError, match="EPOCH_REWIND"), subscription:
            await asyncio.to_thread(take, subscription, 1)
    finally:
        await asyncio.to_thread(factory.close)
