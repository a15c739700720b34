"""An import beside people: what they changed stays, and what they do meanwhile loses none of it."""

import asyncio
import json
from collections.abc import Sequence
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import Any

from events.codec import CODEC
from events.entry import Revised, identified_stream
from kit.errors import Problem
from kit.ids import new_id
from scripts.sample.terms import ensure_terms
from tests.write_side.importing.given import imported, log_of
from write_side.bus import Bus
from write_side.call import Call
from write_side.command import Why
from write_side.entry import commands
from write_side.entry.bodies import revise_body
from write_side.entry.kinds import AGGREGATES
from write_side.importing.record import Record, stream_of
from write_side.main import bus

ARTICLE = AGGREGATES["article"]
COMPLETE = {"title": "Po-2", "summary": "A biplane.", "sources": [{"title": "A book", "url": ""}]}
STREAM = stream_of("ndjson:entries", Record(place="", kind="article", key="po-2", locale="en", revision=""))


def _write(folder: Path, bodies: list[str]) -> Path:
    path = folder / "entries.ndjson"
    common = {"kind": "article", "key": "po-2", "locale": "en"}
    lines = [common | {"fields": COMPLETE | {"body": body}} for body in bodies]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


async def _do(running: Bus, handler: Any, body: Any) -> None:
    version, _ = await running.streams.last(STREAM)
    call = Call(actor=new_id(), stream=STREAM, expected=version, moderates=True)
    await running.run(handler, ARTICLE, call, body)


async def _bodies(database: str) -> list[str]:
    return [
        one.event.changed["body"].after["text"]
        for one in await log_of(database)
        if isinstance(one.event, Revised) and "body" in one.event.changed
    ]


async def test_what_somebody_changed_here_is_not_changed_by_a_later_import(
    database: str, tmp_path: Path
) -> None:
    await imported(database, "ndjson", _write(tmp_path, ["one"]))
    async with bus(database, CODEC) as running:
        await _do(running, commands.revise, revise_body(ARTICLE.declared)(body="by an editor"))
    done = await imported(database, "ndjson", _write(tmp_path, ["one", "two"]))
    assert [("line 2", "its entry was changed here since")] == done.aside
    assert ["by an editor"] == await _bodies(database)


async def test_what_was_only_published_here_goes_on(database: str, tmp_path: Path) -> None:
    await imported(database, "ndjson", _write(tmp_path, ["one"]))
    async with bus(database, CODEC) as running:
        await _do(running, commands.submit, Why())
        await _do(running, commands.publish, commands.Publish(revision=1))
    done = await imported(database, "ndjson", _write(tmp_path, ["one", "two"]))
    assert ([], {"article.revised": 1}) == (done.aside, done.report.events)


async def test_a_history_that_was_rewritten_is_said_and_not_imported(database: str, tmp_path: Path) -> None:
    await imported(database, "ndjson", _write(tmp_path, ["one", "two"]))
    done = await imported(database, "ndjson", _write(tmp_path, ["other", "another"]))
    assert ["its history in the source is not the one that was imported before"] == [
        one.reason for one in done.aside
    ]
    assert ["two"] == await _bodies(database)


async def test_nothing_is_lost_and_nothing_doubled_while_others_act_on_the_same_entry(
    database: str, tmp_path: Path
) -> None:
    bodies = [f"body {number}" for number in range(400)]
    path = _write(tmp_path, bodies)
    async with bus(database, CODEC) as running:

        async def interfere() -> None:
            while True:
                for handler in (commands.submit, commands.withdraw):
                    with suppress(Problem):
                        await _do(running, handler, Why())
                await asyncio.sleep(0.02)

        interfering = asyncio.create_task(interfere())
        done = await imported(database, "ndjson", path)
        interfering.cancel()
        await asyncio.gather(interfering, return_exceptions=True)
    submitted = [one for one in await log_of(database) if one.type == "article.submitted"]
    assert ([], bodies[1:], True) == (done.aside, await _bodies(database), len(submitted) > 1)


async def test_an_import_gives_no_entry_a_term_while_it_is_retired(database: str, tmp_path: Path) -> None:
    path = tmp_path / "aircraft.ndjson"
    planes = [
        {"kind": "aircraft", "key": str(number), "fields": {"title": {"en": "A"}, "purposes": ["trainer"]}}
        for number in range(300)
    ]
    path.write_text("".join(json.dumps(line) + "\n" for line in planes))
    trainer = identified_stream("term", ("purpose", "trainer"))
    async with bus(database, CODEC) as running:
        await ensure_terms(running, [("purpose", "trainer")])

        async def interfere() -> None:
            for handler in (commands.archive, commands.restore) * 20:  # no more: the rest can come in
                version, _ = await running.streams.last(trainer)
                call = Call(actor=new_id(), stream=trainer, expected=version, moderates=True)
                await running.run(handler, AGGREGATES["term"], call, Why())
                await asyncio.sleep(0.02)

        interfering = asyncio.create_task(interfere())
        done = await imported(database, "ndjson", path)
        interfering.cancel()
        await asyncio.gather(interfering, return_exceptions=True)
    types = [one.type for one in await log_of(database) if not one.type.startswith("slug.")]
    changes = [type_ for type_ in types if type_ in {"term.archived", "term.restored", "aircraft.created"}]
    made = changes.count("aircraft.created")
    assert ("term.archived", "aircraft.created") not in list(pairwise(changes))
    assert (300, True, True) == (made + len(done.aside), made > 0, len(done.aside) > 0)
    assert {"/purposes/0: names a term of the vocabulary purpose that is retired"} == {
        one.reason for one in done.aside
    }


def _of_many(folder: Path, bodies: Sequence[tuple[str, ...]]) -> Path:
    """Write revisions of several entries, in the order given, each as its key, its body, and its reason."""
    path = folder / "entries.ndjson"
    lines = (
        {"kind": "article", "key": key, "locale": "en", "fields": COMPLETE | {"title": key, "body": body}}
        | {"reason": "".join(reason)}
        for key, body, *reason in bodies
    )
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


async def test_an_entry_that_was_not_named_for_long_goes_on_with_its_next_revision(
    database: str, tmp_path: Path
) -> None:
    keys = [f"po-{number}" for number in range(20)]
    bodies = [(key, body) for body in ("one", "two", "three") for key in keys]
    path = _of_many(tmp_path, bodies)
    done = await imported(database, "ndjson", path, remembered=5)
    assert ([], 0) == (done.aside, done.report.already)
    found: dict[Any, list[str]] = {}
    for one in await log_of(database):
        if isinstance(one.event, Revised):
            found.setdefault(one.stream, []).append(one.event.changed["body"].after["text"])
    assert [["two", "three"]] * 20 == list(found.values())
    again = await imported(database, "ndjson", path, remembered=5)
    assert ([], 60, {}) == (again.aside, again.report.already, again.report.events)


async def test_an_entry_is_made_once_however_many_others_say_nothing_before_it_is_stored(
    database: str, tmp_path: Path
) -> None:
    old = [(f"po-{number}", "one") for number in range(20)]
    await imported(database, "ndjson", _of_many(tmp_path, old))
    same = [(key, body, "again") for key, body in old]
    more = [*old, ("new", "one"), *same, ("new", "two")]
    done = await imported(database, "ndjson", _of_many(tmp_path, more), remembered=3)
    made = [one.stream for one in await log_of(database) if one.type == "article.created"]
    assert (21, 21) == (len(made), len(set(made)))
    assert ({"article.created": 1, "article.revised": 1, "slug.claimed": 1}, 20) == (
        done.report.events,
        done.report.unchanged,
    )
