"""A code that a revision newly sets has to be a term that is not retired: else 422 with its pointer."""

import asyncio
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from events.codec import CODEC
from events.entry import identified_stream
from events.kinds.term import TERM
from kit.errors import Problem
from scripts.sample.terms import ensure_terms
from tests.given.every_kind import term
from tests.servers.running import in_process, problem
from tests.write_side.test_bus import call, refusal
from write_side.bus import Bus
from write_side.command import Why
from write_side.entry import commands, lifecycle
from write_side.entry.bodies import create_body, revise_body
from write_side.entry.kind import EntryKind
from write_side.entry.kinds import AGGREGATES
from write_side.entry.names import RETIRED
from write_side.entry.state import State, evolve
from write_side.main import bus

AIRCRAFT, TERMS = AGGREGATES["aircraft"], AGGREGATES["term"]
CreateAircraft, ReviseAircraft = create_body(AIRCRAFT.declared), revise_body(AIRCRAFT.declared)
FIGHTER, TRAINER = ("purpose", "fighter"), ("purpose", "trainer")


async def make(running: Bus, name: str, **content: Any) -> UUID:
    body = CreateAircraft(title={"en": name}, slug=name.lower(), **content)
    return (await running.run(commands.create, AIRCRAFT, call(), body)).stream


async def change(running: Bus, id_: UUID, version: int, **content: Any) -> int:
    body = ReviseAircraft(**content)
    return (await running.run(commands.revise, AIRCRAFT, call(stream=id_, expected=version), body)).version


async def step(running: Bus, one: tuple[str, str], handler: Any) -> None:
    """Archive or restore a term, whatever became of it meanwhile."""
    stream = identified_stream("term", one)
    version, _ = await running.streams.last(stream)
    await running.run(handler, TERMS, call(stream=stream, expected=version), Why())


def places(refused: Problem) -> list[tuple[str, str]]:
    assert (422, "no-such-term") == (refused.status, refused.type)
    return [(one["pointer"], one["detail"]) for one in refused.errors]


async def test_every_code_that_no_term_has_is_told_at_once_with_its_place(database: str) -> None:
    wrong: dict[str, Any] = {
        "status": "lost",
        "purposes": ["fighter", "tractor"],
        "other_names": [{"name": "Colt", "kind": "vulgar"}],
        "tags": ["fighter"],
    }
    async with bus(database, CODEC) as running:
        await ensure_terms(running, [FIGHTER])
        one = await make(running, "One", purposes=["fighter"], built="unknown")
        made = await refusal(make(running, "Two", **wrong))
        changed = await refusal(change(running, one, 1, **wrong))
    told = [
        ("/other_names/0/kind", "names no term of the vocabulary name_kind"),
        ("/purposes/1", "names no term of the vocabulary purpose"),
        ("/status", "names no term of the vocabulary status"),
        ("/tags/0", "names no term of the vocabulary tag"),
    ]
    assert (told, told) == (sorted(places(made)), sorted(places(changed)))


async def test_a_retired_term_stays_where_it_is_and_is_given_to_nobody_else(database: str) -> None:
    async with bus(database, CODEC) as running:
        await ensure_terms(running, [FIGHTER, TRAINER])
        one = await make(running, "One", purposes=["fighter"])
        await step(running, FIGHTER, commands.archive)
        assert 2 == await change(running, one, 1, purposes=["trainer", "fighter"])
        assert 3 == await change(running, one, 2, purposes=["trainer"])
        again = await refusal(change(running, one, 3, purposes=["fighter"]))
        other = await refusal(make(running, "Two", purposes=["trainer", "fighter"]))
        back = commands.Revert(revision=1)
        reverted = await running.run(commands.revert, AIRCRAFT, call(stream=one, expected=3), back)
        await step(running, FIGHTER, commands.restore)
        await make(running, "Two", purposes=["fighter"])
    retired = "names a term of the vocabulary purpose that is retired"
    assert ([("/purposes/0", retired)], [("/purposes/1", retired)]) == (places(again), places(other))
    assert 4 == reverted.revision


async def test_another_process_finds_out_that_a_term_was_retired_changed_or_brought_back(
    database: str,
) -> None:
    async with bus(database, CODEC) as here, bus(database, CODEC) as there:
        await ensure_terms(here, [FIGHTER])
        await make(here, "One", purposes=["fighter"])
        await step(there, FIGHTER, commands.archive)
        await refusal(make(here, "Two", purposes=["fighter"]))
        await step(there, FIGHTER, commands.restore)
        await make(here, "Two", purposes=["fighter"])
        title = revise_body(TERM)(title={"ru": "истребитель"})
        told = call(stream=identified_stream("term", FIGHTER), expected=4)
        await there.run(commands.revise, TERMS, told, title)
        await make(here, "Three", purposes=["fighter"])


async def test_a_term_that_is_retired_at_the_same_moment_is_set_before_that_or_not_at_all(
    database: str,
) -> None:
    stream = identified_stream("term", FIGHTER)
    async with bus(database, CODEC) as here, bus(database, CODEC) as there:
        await ensure_terms(here, [FIGHTER])

        async def setting(number: int) -> UUID | None:
            try:
                return await make(here, f"A-{number}", purposes=["fighter"])
            except Problem as refused:
                types.append((refused.status, refused.type))
                return None

        made: list[UUID] = []
        retired: list[int] = []
        types: list[tuple[int, str]] = []
        for turn in range(12):
            sets = [asyncio.create_task(setting(turn * 4 + one)) for one in range(4)]
            await asyncio.sleep(0)
            await step(there, FIGHTER, commands.archive)
            found = await asyncio.gather(*sets)
            made += [one for one in found if one is not None]
            retired.append(await position(here, stream))
            await step(there, FIGHTER, commands.restore)
            retired.append(await position(here, stream))
        firsts = [await position(here, one) for one in made]
    assert set(types) <= {(422, "no-such-term")}
    assert 48 == len(made) + len(types)
    spans = list(zip(retired[::2], retired[1::2], strict=True))
    assert [] == [one for one in firsts if any(since < one < until for since, until in spans)]


async def position(running: Bus, stream: UUID) -> int:
    """Return where the newest event of a stream stands in the log."""
    found: int = await running.streams.ask(
        "fetchval", "select max(position) from log.event where stream = $1", stream
    )
    return found


def archived(kind: EntryKind) -> State:
    said = {"title": {"en": "Fighter"}, "vocabulary": "purpose", "code": "fighter"}
    created = kind.life.created(slug="fighter", content=kind.content(**kind.declared.kept({}, said)))
    return evolve(evolve(None, created), kind.life.archived())


@pytest.mark.parametrize(
    "decide",
    [
        lambda kind, state: lifecycle.revise(kind, state, {"order": 2}),
        lifecycle.submit,
        lifecycle.withdraw,
        lambda kind, state: lifecycle.give_back(kind, state, "No"),
        lambda kind, state: lifecycle.publish(kind, state, 1, state.content, force=True, reason="so"),
        lifecycle.unpublish,
        lambda kind, state: lifecycle.rename(kind, state, "other", moderates=True),
    ],
)
def test_nothing_follows_an_archived_entry_but_its_restoration(decide: Any) -> None:
    with pytest.raises(Problem):
        decide(TERMS, archived(TERMS))
    assert [] == lifecycle.archive(TERMS, archived(TERMS))
    assert RETIRED == TERMS.life.archived.TYPE.partition(".")[2]


async def test_over_http_a_wrong_code_is_a_422_with_its_pointer(database: str, tmp_path: Path) -> None:
    async with in_process(database, tmp_path) as site:
        await site.moderator.done("POST", "/terms", term("status", "retired"))
        said = {"title": {"en": "An-2"}, "status": "flying"}
        answer = await site.editor.send("POST", "/aircraft", said)
        assert (422, "/problems/no-such-term") == (answer.status_code, problem(answer)["type"])
        assert "flying" not in answer.text
        assert [("/status", "names no term of the vocabulary status")] == [
            (one["pointer"], one["detail"]) for one in answer.json()["errors"]
        ]


async def test_what_a_change_of_many_entries_sets_has_to_be_a_term(database: str, tmp_path: Path) -> None:
    async with in_process(database, tmp_path) as site:
        await site.moderator.done("POST", "/terms", term("status", "retired"))
        made = await site.editor.done("POST", "/aircraft", {"title": {"en": "An-2"}})

        async def refused(code: str, *, dry_run: bool) -> list[str]:
            change = {"set": {"status": code}}
            wish = {"kind": "aircraft", "ids": [made["id"]], "change": change, "dry_run": dry_run}
            told = (await site.editor.send("POST", "/bulk", wish)).json()
            each = [one.get("refused") for one in told["entries"]] if dry_run else told["refused"]
            return [one["type"] for one in each if one is not None]

        for dry_run in (True, False):
            assert ["no-such-term"] == await refused("flying", dry_run=dry_run)
            assert [] == await refused("retired", dry_run=dry_run)
