"""What an entry was is read from the nearest snapshot: however long its history, so much and no more."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import msgspec

from events.base import Event, Text
from events.catalog import EVENTS, UPCASTERS
from events.codec import CODEC, Codec
from kit.errors import Problem
from kit.ids import new_id
from tests.write_side.log.given import value
from tests.write_side.test_bus import call, made, refusal, revise
from write_side.bus import Bus
from write_side.entry import commands, lifecycle
from write_side.entry.kinds import AGGREGATES
from write_side.entry.state import evolve
from write_side.history import SNAPSHOT_EVERY, Moment, state_at, values_of
from write_side.log.append import Append, Claim, NewEvent
from write_side.main import bus
from write_side.receipt import Receipt

ARTICLE = AGGREGATES["article"]

LONG = 650
"""Revisions of the entry here; every seventh changes the body, the others the title."""


class Counting(Codec):
    """A codec that counts the events that are read."""

    read = 0

    def decode(self, type_: str, schema: int, payload: bytes) -> Event:
        self.read += 1
        return super().decode(type_, schema, payload)


def title(revision: int) -> str:
    return f"Title {revision - 1 if revision % 7 == 0 else revision}"


def body(revision: int) -> str:
    return f"Body {revision // 7 * 7}"


def field(revision: int) -> dict[str, Any]:
    return {"title": title(revision)} if revision % 7 else {"body": _text(body(revision))}


def large(revision: int) -> dict[str, Any]:
    return {"body": _text(str(revision).ljust(100_000, "."))}


async def long_one(
    running: Bus, revisions: int = LONG, changed: Callable[[int], dict[str, Any]] = field
) -> UUID:
    """Make an entry with a long history, as an import makes it: without any snapshot."""
    id_ = await made(running)
    state = await state_at(running.streams, ARTICLE, id_)
    assert state is not None
    events = []
    for number in range(2, revisions + 1):
        (event,) = lifecycle.revise(ARTICLE, state, changed(number))
        state = evolve(state, event)
        events.append(event)
    stored = tuple(NewEvent(new_id(), CODEC.encode(event), META) for event in events)
    for first in range(0, len(stored), 100):
        await running.appender.append(Append((Claim(id_, first + 1, stored[first : first + 100]),)))
    return id_


META = b'{"actor":"00000000-0000-4000-8000-000000000001","command":"00000000-0000-4000-8000-000000000002"}'


def _text(words: str) -> dict[str, str]:
    text = Text.of(words)
    return {"text": text.text, "sha256": text.sha256}


async def test_what_a_revision_was_is_found_at_every_one(database: str) -> None:
    async with bus(database, CODEC) as running:
        id_ = await long_one(running)
        for revision in (7, 8, 99, 100, 101, 300, 500, LONG):
            state = await state_at(running.streams, ARTICLE, id_, Moment(revision))
            assert state is not None
            content = await values_of(running.streams, ARTICLE, id_, state)
            found = state.revision, content["title"], content["body"]["text"]
            assert (revision, title(revision), body(revision)) == found
        assert LONG // SNAPSHOT_EVERY == await value(database, "select count(*) from log.snapshot")


async def test_reverting_publishing_by_force_and_412_read_little_of_a_long_history(database: str) -> None:
    counting = Counting(EVENTS, UPCASTERS)
    async with bus(database, counting) as running:
        id_ = await long_one(running)
        await state_at(running.streams, ARTICLE, id_)  # once, which leaves snapshots
        running.forget()
        counting.read = 0

        async def revert(to: int) -> Receipt:
            asked = call(stream=id_, expected=LONG)
            return await running.run(commands.revert, ARTICLE, asked, commands.Revert(revision=to))

        async def forced() -> Receipt:
            asked = msgspec.structs.replace(call(stream=id_, expected=LONG + 1), reason="Because")
            wanted = commands.Publish(revision=7, force=True)
            return await running.run(commands.publish, ARTICLE, asked, wanted)

        async def late() -> Receipt:
            return await revise(running, id_, call(expected=20), "Mine")

        assert LONG + 1 == (await revert(350)).revision
        reverted, counting.read = counting.read, 0
        assert 422 == (await refusal(forced())).status  # it lacks a summary and sources, as revision 7 did
        published, counting.read = counting.read, 0
        stale = await refusal(late())
        assert max(reverted, published, counting.read) <= 3 * SNAPSHOT_EVERY
        assert _told(stale) == {
            "changed": ["body", "title"],
            "base": {"title": title(20), "body": body(20)},
            "theirs": {"title": title(350), "body": body(350)},
            "since": (LONG - 48, LONG + 1),
        }


async def test_of_large_revisions_few_are_read(database: str) -> None:
    counting = Counting(EVENTS, UPCASTERS)
    async with bus(database, counting) as running:
        id_ = await long_one(running, 60, large)
        for again in (False, True):
            running.forget()
            counting.read = 0
            for revision in (20, 40, 60):
                state = await state_at(running.streams, ARTICLE, id_, Moment(revision))
                assert state is not None
                assert revision == state.revision
            assert (counting.read < 50) == again


def _told(stale: Problem) -> dict[str, Any]:
    since = [event["version"] for event in stale.facts["since"]]
    return {name: stale.facts[name] for name in ("changed", "base", "theirs")} | {
        "since": (since[0], since[-1])
    }


async def test_a_field_that_was_changed_and_changed_back_is_told(database: str) -> None:
    async with bus(database, CODEC) as running:
        id_ = await made(running)
        for number, name in enumerate(("Tu-144", "Ту-144"), 1):
            await revise(running, id_, call(expected=number), name)
        stale = await refusal(revise(running, id_, call(expected=1), "Mine"))
        assert ["title"] == stale.facts["changed"]
        assert stale.facts["base"] == stale.facts["theirs"] == {"title": "Ту-144"}
