"""A change of many entries that was cut off: taken back without its key, stopped on its way, gone on with."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pytest

from events.codec import CODEC
from kit.ids import new_id
from kit.postgres.connect import connect
from tests.servers.running import in_process, problem
from tests.write_side.bulk.test_bulk import draft, made
from tests.write_side.test_bus import ARTICLE, article, call, create
from write_side.bulk.aggregate import BULK, BulkState
from write_side.bulk.change import ChangeOfEach, Changing, OneCommand
from write_side.bulk.ending import settle
from write_side.bulk.running import ManyEntries
from write_side.bus import Bus
from write_side.entry.state import State
from write_side.main import bus
from write_side.receipt import Receipt

BEGUN = """
select stream from log.event
 where type = 'bulk.started' and exists (select from log.event where type = 'article.revised')"""

REVISED = """
select count(*) from log.event
 where type = 'article.revised'
   and position < (select max(position) from log.event where type = 'bulk.started')"""

CHANGE = ChangeOfEach(add={"tags": ["new"]})


async def test_a_change_that_was_cut_off_without_a_key_is_taken_back(database: str, tmp_path: Path) -> None:
    async with in_process(database, tmp_path, projector=False) as site:
        ids = await made(site, 100, published=False)
        wish = {"kind": "article", "ids": ids, "change": {"add": {"tags": ["one"]}}}
        running = asyncio.create_task(site.editor.send("POST", "/bulk", wish))
        connection = await connect(database, "test")
        id_ = None
        while id_ is None:
            id_ = await connection.fetchval(BEGUN)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

        async def now() -> Any:
            return (await site.client.get(f"/v1/bulk/{id_}", headers=site.editor.headers)).json()

        before = await now()
        assert ("running", [], 0) == tuple(before[name] for name in ("state", "refused", "unchanged"))
        assert 0 < len(before["changed"])
        undone = await site.editor.done("POST", f"/bulk/{id_}/undo")
        after = await now()
        assert ("stopped", 100) == (after["state"], len(after["changed"]) + len(after["refused"]))
        assert [undone["id"]] == after["undone_by"]
        told = await connection.fetch("select type, payload from log.event where stream = $1", id_)
        revised = await connection.fetchval(REVISED)
        await connection.close()
        assert ["bulk.started", "bulk.stopped", "bulk.finished"] == [row["type"] for row in told]
        finished = msgspec.json.decode(told[-1]["payload"])
        assert (revised, revised) == (len(finished["changed"]), len(undone["changed"]))
        assert (100 - revised) * ["stopped"] == [one["type"] for one in finished["refused"]]
        again = await site.editor.done("POST", "/bulk", {**wish, "change": {"take": {"tags": ["one"]}}})
        assert ([], 100) == (again["changed"], again["unchanged"])


class Held:
    """A change of some entries that waits before one of them."""

    def __init__(self, running: Bus, last: UUID) -> None:
        self.many = ManyEntries(running, ARTICLE, call())
        self.waits, self.goes = asyncio.Event(), asyncio.Event()
        self._last = last
        self._changing = Changing(ARTICLE, CHANGE, "")

    async def of(self, entry: UUID, state: State) -> tuple[Sequence[OneCommand], Sequence[str]]:
        if entry == self._last:
            self.waits.set()
            await self.goes.wait()
        return [self._changing.of(state)], ()

    async def run(self, entries: Sequence[UUID]) -> Receipt:
        return await self.many.run(entries, CHANGE.said(), self.of)


async def entries_of(running: Bus, count: int) -> list[UUID]:
    return [(await create(running, call(), article(f"wing-{number}"))).stream for number in range(count)]


async def revised(running: Bus, entries: Sequence[UUID]) -> list[UUID]:
    """Return which entries have another revision than their first."""
    found = [(one, await running.newest(ARTICLE, one)) for one in entries]
    return [one for one, state in found if state is not None and state.revision > 1]


async def state(running: Bus, change: UUID) -> BulkState:
    found = await running.newest(BULK, change)
    assert found is not None
    return found


async def until_revised(running: Bus, entries: Sequence[UUID]) -> None:
    async with asyncio.timeout(30):
        while await revised(running, entries) != list(entries):
            pass


async def test_a_running_change_that_is_stopped_adds_nothing_more(database: str) -> None:
    """What it was about to send comes too late; who stopped it and who asked for it are told the same."""
    async with bus(database, CODEC) as running, bus(database, CODEC) as elsewhere:
        first, second, last = entries = await entries_of(running, 3)
        held = Held(running, last)
        asked = asyncio.create_task(held.run(entries))
        await held.waits.wait()
        await until_revised(running, [first, second])
        settled = await settle(elsewhere, call(), held.many.id)
        held.goes.set()
        receipt = await asked
        assert [first, second] == await revised(elsewhere, entries)
        assert settled.body == receipt.body
        told = await state(elsewhere, held.many.id)
        assert [(first, 2), (second, 2)] == [(one.entry, one.version) for one in told.changed]
        assert [(last, "stopped")] == [(one.entry, one.type) for one in told.refused]


async def test_who_stops_a_change_that_has_ended_changes_nothing(database: str) -> None:
    async with bus(database, CODEC) as running:
        entries = await entries_of(running, 2)
        held = Held(running, new_id())
        receipt = await held.run(entries)
        both = await asyncio.gather(*(settle(running, call(), held.many.id) for _ in "12"))
        assert {receipt.body} == {one.body for one in both}
        assert 2 == (await state(running, held.many.id)).version


async def test_a_change_is_stopped_once_by_many_who_take_it_back(database: str) -> None:
    async with bus(database, CODEC) as running, bus(database, CODEC) as elsewhere:
        entries = await entries_of(running, 3)
        held = Held(running, entries[-1])
        asked = asyncio.create_task(held.run(entries))
        await held.waits.wait()
        asked.cancel()
        await asyncio.gather(asked, return_exceptions=True)
        ends = (running, elsewhere, running, elsewhere)
        found = await asyncio.gather(*(settle(one, call(), held.many.id) for one in ends))
        assert (1, 3) == (len({one.body for one in found}), (await state(running, held.many.id)).version)


@pytest.mark.parametrize("steps", [1, 2])
async def test_an_undo_that_was_cut_off_goes_on_with_what_it_had_done(
    database: str, tmp_path: Path, steps: int
) -> None:
    """Taking an archive back is two steps where the entry was published; the cut may lie between them."""
    async with in_process(database, tmp_path) as site:
        ids = await made(site, 1)
        archive: Any = {"kind": "article", "ids": ids, "change": {"do": "archive"}}
        done = await site.moderator.done("POST", "/bulk", archive)
        connection = await connect(database, "test")
        await connection.execute(STOPS_BEFORE.format(type=("published", "finished")[steps - 1]))
        cut = await site.moderator.send("POST", f"/bulk/{done['id']}/undo", key="cut")
        assert 500 <= cut.status_code
        assert problem(cut)["change"]
        await connection.execute("drop trigger stops on log.event")
        await connection.close()
        undone = await site.moderator.done("POST", f"/bulk/{done['id']}/undo", key="cut")
        assert ([6], []) == ([one["version"] for one in undone["changed"]], undone["refused"])
        assert 6 == (await draft(site.editor, ids[0], undone["position"]))["version"]


STOPS_BEFORE = """
create or replace function log.stops() returns trigger language plpgsql as
$$ begin
  if new.type like '%.{type}' then
    raise exception 'no space left on device' using errcode = 'disk_full';
  end if;
  return new;
end $$;
create trigger stops before insert on log.event for each row execute function log.stops()"""
"""Makes the log refuse events of one type, as a full disk would refuse all."""
