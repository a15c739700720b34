"""A revision is judged on publication against what readers see of the entries that it names."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec

from events.across import NotItsOwn, WithinLife
from events.catalog import events_of
from events.codec import Codec
from kit.errors import Problem
from scripts.app import WholeBuild
from tests.given.museum import MUSEUM
from tests.servers.running import Site, in_process, problem
from tests.write_side.test_bus import call, refusal
from write_side.bus import Bus
from write_side.command import Why
from write_side.entry import commands
from write_side.entry.bodies import create_body, revise_body
from write_side.entry.commands import Publish
from write_side.entry.kind import EntryKind
from write_side.main import bus
from write_side.receipt import Receipt

JUDGED = replace(
    MUSEUM,
    across=(
        NotItsOwn(field="branch_of"),
        WithinLife(date="founded", of="branch_of", since="founded"),
        WithinLife(date="founded", of="partners", since="founded", warning=True),
    ),
)
KIND = EntryKind.of(JUDGED)
CODEC = Codec(events_of((JUDGED,)))
CreateMuseum, ReviseMuseum = create_body(JUDGED), revise_body(JUDGED)


async def make(running: Bus, name: str, year: str, **content: Any) -> UUID:
    founded = {"edtf": year}
    body = CreateMuseum(title={"en": name}, slug=name, flagship="tu-144", founded=founded, **content)
    return (await running.run(commands.create, KIND, call(), body)).stream


async def revise(running: Bus, id_: UUID, version: int, **content: Any) -> Receipt:
    return await running.run(
        commands.revise, KIND, call(stream=id_, expected=version), ReviseMuseum(**content)
    )


async def publish(running: Bus, id_: UUID, version: int, revision: int, reason: str = "so") -> Receipt:
    """Publish a revision that was submitted before."""
    return await running.run(
        commands.publish,
        KIND,
        msgspec.structs.replace(call(stream=id_, expected=version), reason=reason),
        Publish(revision=revision, force=bool(reason)),
    )


async def submit(running: Bus, id_: UUID, version: int) -> None:
    await running.run(commands.submit, KIND, call(stream=id_, expected=version), Why())


def told(refused: Problem) -> list[tuple[str, str]]:
    assert (422, "contradicted") == (refused.status, refused.type)
    return [(one["pointer"], one["entry"]) for one in refused.errors]


async def test_what_contradicts_a_published_entry_is_refused_and_passes_by_force(database: str) -> None:
    async with bus(database, CODEC) as running:
        old = await make(running, "old", "1950")
        young = await make(running, "young", "1940", branch_of=str(old))
        await submit(running, young, 1)
        first = await publish(running, young, 2, 1, reason="")
        assert b"warnings" not in first.body, "readers see nothing of the other one"
        await submit(running, old, 1)
        await publish(running, old, 2, 1, reason="")
        await revise(running, young, 3, visits="Daily.")
        await submit(running, young, 4)
        assert [("/founded", str(old))] == told(await refusal(publish(running, young, 5, 2, reason="")))
        needs_a_reason = running.run(
            commands.publish, KIND, call(stream=young, expected=5), Publish(revision=2, force=True)
        )
        assert "reason-needed" == (await refusal(needs_a_reason)).type
        assert 6 == (await publish(running, young, 5, 2)).version
        _, last = await running.streams.last(young)
    assert last.forced  # type: ignore[union-attr]  # it is a publication


async def test_it_is_what_readers_see_that_counts_and_not_the_newest_revision(database: str) -> None:
    async with bus(database, CODEC) as running:
        old = await make(running, "old", "1930")
        await submit(running, old, 1)
        await publish(running, old, 2, 1, reason="")
        await revise(running, old, 3, founded={"edtf": "1950"})
        young = await make(running, "young", "1940", branch_of=str(old))
        await submit(running, young, 1)
        await publish(running, young, 2, 1, reason="")
        await submit(running, old, 4)
        await publish(running, old, 5, 2, reason="")
        await revise(running, young, 3, visits="Daily.")
        await submit(running, young, 4)
        assert [("/founded", str(old))] == told(await refusal(publish(running, young, 5, 2, reason="")))


async def test_a_warning_is_told_by_the_receipt_and_refuses_nothing(database: str, tmp_path: Path) -> None:
    async with in_process(database, tmp_path, WholeBuild.of(JUDGED)) as site:
        editor, moderator = site.editor, site.moderator
        ready = {"flagship": "tu-144", "founded": {"edtf": "1950"}}
        old = await editor.done("POST", "/museums", {"title": {"en": "Old"}} | ready)
        await editor.done("PUT", f"/museums/{old['id']}/submission", version=1)
        await moderator.done("PUT", f"/museums/{old['id']}/publication", {"revision": 1}, version=2)
        named = {"partners": [{"entry": old["id"]}], "founded": {"edtf": "1940"}}
        made = await editor.done("POST", "/museums", {"title": {"en": "Young"}} | ready | named)
        one = f"/museums/{made['id']}"
        await editor.done("PUT", f"{one}/submission", version=1)
        for _ in range(2):
            done = await moderator.done("PUT", f"{one}/publication", {"revision": 1}, version=2, key="once")
            assert [
                {
                    "pointer": "/founded",
                    "detail": "is earlier than `founded` of the entry in `partners`",
                    "entry": old["id"],
                }
            ] == done["warnings"]
        named = {"branch_of": old["id"]}
        await editor.done("PATCH", one, named, version=3)
        await editor.done("PUT", f"{one}/submission", version=4)
        refused = problem(await moderator.send("PUT", f"{one}/publication", {"revision": 2}, version=5))
        assert {"pointer": "/founded", "entry": old["id"]}.items() <= refused["errors"][0].items()


async def shown(site: Site, content: dict[str, Any]) -> str:
    """Publish a museum, and return its path."""
    ready = {"flagship": "tu-144"} | content
    made = await site.editor.done("POST", "/museums", ready)
    one = f"/museums/{made['id']}"
    await site.editor.done("PUT", f"{one}/submission", version=1)
    await site.moderator.done("PUT", f"{one}/publication", {"revision": 1}, version=2)
    return one


async def test_an_entry_is_judged_against_published_ones_that_name_it_as_well(
    database: str, tmp_path: Path
) -> None:
    async with in_process(database, tmp_path, WholeBuild.of(JUDGED)) as site:
        editor, moderator = site.editor, site.moderator
        old = await shown(site, {"title": {"en": "Old"}, "founded": {"edtf": "1930"}})
        named = old.rpartition("/")[2]
        young = await shown(site, {"title": {"en": "Young"}, "founded": {"edtf": "1940"}, "branch_of": named})
        draft = {"title": {"en": "Draft"}, "founded": {"edtf": "1935"}, "branch_of": named}
        await editor.done("POST", "/museums", draft)
        friend = await shown(
            site, {"title": {"en": "Friend"}, "founded": {"edtf": "1945"}, "partners": [{"entry": named}]}
        )
        await editor.done("PATCH", old, {"founded": {"edtf": "1950"}}, version=3)
        await editor.done("PUT", f"{old}/submission", version=4)
        place = f"{old}/publication"
        refused = problem(await moderator.send("PUT", place, {"revision": 2}, version=5))
        assert ("/problems/contradicted", 422) == (refused["type"], refused["status"])
        assert [
            {
                "pointer": "/founded",
                "detail": "is later than `founded` of an entry that names this one in `branch_of`",
                "entry": young.rpartition("/")[2],
            }
        ] == refused["errors"]
        by_force = {"revision": 2, "force": True, "reason": "History was so"}
        receipt = await moderator.done("PUT", place, by_force, version=5)
        assert [("/founded", friend.rpartition("/")[2])] == [
            (one["pointer"], one["entry"]) for one in receipt["warnings"]
        ], "a warning is told, and refuses nothing"
        await editor.done("PATCH", old, {"visits": "Daily."}, version=6)
        await editor.done("PUT", f"{old}/submission", version=7)
        again = await moderator.done("PUT", place, {"revision": 3}, version=8)
        assert "warnings" not in again, "what says nothing new is not compared again"


async def test_an_entry_that_was_named_before_it_was_published_is_judged_when_it_is(
    database: str, tmp_path: Path
) -> None:
    async with in_process(database, tmp_path, WholeBuild.of(JUDGED)) as site:
        ready = {"title": {"en": "Old"}, "founded": {"edtf": "1950"}, "flagship": "tu-144"}
        old = await site.editor.done("POST", "/museums", ready)
        await shown(site, {"title": {"en": "Young"}, "founded": {"edtf": "1940"}, "branch_of": old["id"]})
        one = f"/museums/{old['id']}"
        await site.editor.done("PUT", f"{one}/submission", version=1)
        refused = await site.moderator.send("PUT", f"{one}/publication", {"revision": 1}, version=2)
        assert (422, "/problems/contradicted") == (refused.status_code, problem(refused)["type"])


async def test_where_nobody_can_tell_who_names_an_entry_the_receipt_says_so(
    database: str, tmp_path: Path
) -> None:
    async with in_process(database, tmp_path, WholeBuild.of(JUDGED), projector=False) as site:
        ready = {"title": {"en": "Old"}, "founded": {"edtf": "1950"}, "flagship": "tu-144"}
        made = await site.editor.done("POST", "/museums", ready)
        one = f"/museums/{made['id']}"
        await site.editor.done("PUT", f"{one}/submission", version=1)
        done = await site.moderator.done("PUT", f"{one}/publication", {"revision": 1}, version=2)
        assert [
            "is not compared with published entries that name this one: they cannot be asked for now"
        ] == [told["detail"] for told in done["warnings"]]


async def test_two_that_are_published_at_once_make_no_ring(database: str) -> None:
    """Each of them is right by what is published before; so one of them is told to try again."""
    async with bus(database, CODEC) as running:
        for number in range(5):
            one = await make(running, f"one-{number}", "1940")
            two = await make(running, f"two-{number}", "1940", branch_of=str(one))
            await revise(running, one, 1, branch_of=str(two))
            await submit(running, one, 2)
            await submit(running, two, 1)
            told_both = await asyncio.gather(
                publish(running, one, 3, 2, reason=""), publish(running, two, 2, 1, reason=""),
                return_exceptions=True,
            )  # fmt: skip
            refused = [told for told in told_both if isinstance(told, Problem)]
            assert 1 == len(refused), told_both
            assert refused[0].type in {"others-changed", "contradicted"}
            again = publish(running, one, 3, 2, "") if isinstance(told_both[0], Problem) else publish(
                running, two, 2, 1, ""
            )  # fmt: skip
            assert [("/branch_of", str(two if isinstance(told_both[0], Problem) else one))] == told(
                await refusal(again)
            )


async def test_a_chain_of_several_is_followed_to_its_end(database: str) -> None:
    async with bus(database, CODEC) as running:
        line: list[UUID] = []
        for number in range(6):
            named = {"branch_of": str(line[-1])} if line else {}
            line.append(await make(running, f"m-{number}", "1940", **named))
            await submit(running, line[-1], 1)
            await publish(running, line[-1], 2, 1, reason="")
        await revise(running, line[0], 3, branch_of=str(line[-1]))
        await submit(running, line[0], 4)
        refused = await refusal(publish(running, line[0], 5, 2, reason=""))
    assert [("/branch_of", str(line[-1]))] == told(refused)
