"""The bus runs any aggregate: a picture, which is no entry, has all that entries have."""

import asyncio
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec

from kit.errors import Problem
from kit.ids import new_id
from scripts.app import WholeBuild
from tests.servers.proxy import proxied
from tests.servers.running import in_process, problem
from tests.write_side import picture
from tests.write_side.log.given import rows, value
from tests.write_side.picture import CODEC, PICTURES, Describe, Register, describe, register, suppress
from tests.write_side.test_bus import article, call, create, made, refusal
from write_side.bus import Bus
from write_side.call import Call
from write_side.command import Why
from write_side.entry import commands
from write_side.entry.kinds import AGGREGATES
from write_side.history import SNAPSHOT_EVERY, Moment, state_at
from write_side.main import bus
from write_side.receipt import Receipt

ARTICLE = AGGREGATES["article"]

BUILD = WholeBuild(CODEC, (), picture.routes, ())


async def registered(running: Bus, asked: Call | None = None, name: str = "tu-144-take-off") -> Receipt:
    body = Register(file=str(new_id()), name=name)
    return await running.run(register, PICTURES, asked or call(), body)


async def said(running: Bus, id_: UUID, words: str, asked: Call) -> Receipt:
    return await running.run(
        describe, PICTURES, msgspec.structs.replace(asked, stream=id_), Describe(words=words)
    )


async def test_a_picture_lives_its_life_over_http(database: str, tmp_path: Path) -> None:
    async with in_process(database, tmp_path, BUILD, projector=False) as site:
        body = {"file": str(new_id()), "name": "tu-144-take-off"}
        made = await site.editor.send("POST", "/pictures", body, key="a")
        again = await site.editor.send("POST", "/pictures", body, key="a")
        assert (201, made.content, "true") == (
            again.status_code, again.content, again.headers["idempotency-replayed"],
        )  # fmt: skip
        id_ = made.json()["id"]
        assert f"/v1/pictures/{id_}" == made.headers["location"] == again.headers["location"]
        assert {"id": id_, "version": 1, "position": 2} == made.json()
        one = f"/pictures/{id_}"
        assert 428 == (await site.editor.send("PUT", f"{one}/words", {"words": "A"})).status_code
        done = await site.editor.send("PUT", f"{one}/words", {"words": "It takes off."}, version=1)
        assert (200, '"v2"') == (done.status_code, done.headers["etag"])
        stale = await site.editor.send("PUT", f"{one}/words", {"words": "It lands."}, version=1)
        told = problem(stale)
        assert (412, ["words"], {"words": None}, {"words": "It takes off."}) == (
            stale.status_code, told["changed"], told["base"], told["theirs"],
        )  # fmt: skip
        assert 403 == (await site.editor.send("DELETE", one, version=2)).status_code
        await site.moderator.done("DELETE", one, {"reason": "Not ours"}, version=2)
        nowhere = await site.moderator.send("DELETE", f"/pictures/{new_id()}", version=2)
        assert (404, "There is no such picture.") == (nowhere.status_code, problem(nowhere)["title"])
        described = (await site.client.get("/openapi.json")).json()["paths"]["/v1/pictures/{id}"]["delete"]
        assert ("suppress_picture", "Suppress a picture", "Show the picture to nobody.") == (
            described["operationId"], described["summary"], described["description"],
        )  # fmt: skip


async def test_one_key_has_one_effect_and_a_second_caller_gets_the_facts(database: str) -> None:
    async with bus(database, CODEC) as one, bus(database, CODEC) as two:
        body = Register(file=str(new_id()), name="take-off")
        answers = await asyncio.gather(
            *(running.run(register, PICTURES, call("key"), body) for running in (one, two) for _ in range(5))
        )
    assert 2 == len(await rows(database))
    assert {answers[0]._replace(replayed=False)} == {one._replace(replayed=False) for one in answers}
    first = answers[0]
    assert ("picture.registered", 201, 1, 1, 2, f"/v1/pictures/{first.stream}") == (
        first.type, first.status, first.version, first.revision, first.position, first.address,
    )  # fmt: skip


async def test_what_is_there_already_and_what_another_has_claimed_is_refused(database: str) -> None:
    async with bus(database, CODEC) as running:
        body = Register(file=str(new_id()), name="take-off")
        await running.run(register, PICTURES, call(), body)
        there = await refusal(running.run(register, PICTURES, call(), body))
        taken = await refusal(registered(running, name="take-off"))
    assert ((409, "picture-exists"), (409, "slug-taken")) == (
        (there.status, there.type), (taken.status, taken.type),
    )  # fmt: skip


async def test_a_change_of_two_goes_to_one_and_the_other_is_told(database: str) -> None:
    async with bus(database, CODEC) as one, bus(database, CODEC) as two:
        id_ = (await registered(one)).stream
        answers = await asyncio.gather(
            *(said(running, id_, f"It is {n}.", call(expected=1)) for n, running in enumerate((one, two))),
            return_exceptions=True,
        )
    (won,) = (answer for answer in answers if isinstance(answer, Receipt))
    (lost,) = (answer for answer in answers if isinstance(answer, Problem))
    assert (2, 412, 2, ["words"]) == (won.version, lost.status, lost.facts["version"], lost.facts["changed"])
    assert {"words": f"It is {answers.index(won)}."} == lost.facts["theirs"]
    assert ["picture.described"] == [event["type"] for event in lost.facts["since"]]


async def test_a_long_life_is_read_from_snapshots(database: str) -> None:
    async with bus(database, CODEC) as running:
        id_ = (await registered(running)).stream
        for number in range(1, SNAPSHOT_EVERY + 10):
            await said(running, id_, f"It is {number}.", call(expected=number))
    async with bus(database, CODEC) as running:
        state = await state_at(running.streams, PICTURES, id_, Moment(revision=105))
        assert state is not None
        assert (105, 105, {"file": 1, "words": 105}) == (state.version, state.revision, state.changed_in)
        stale = await refusal(said(running, id_, "Mine.", call(expected=50)))
    assert 1 == await value(database, "select count(*) from log.snapshot")
    assert ({"words": "It is 49."}, {"words": f"It is {SNAPSHOT_EVERY + 9}."}) == (
        stale.facts["base"], stale.facts["theirs"],
    )  # fmt: skip


async def test_nobody_is_told_of_a_conflict_with_a_change_whose_reply_was_lost(database: str) -> None:
    async with proxied(database) as (proxy, dsn), bus(dsn, CODEC) as running:
        id_ = (await registered(running)).stream
        for number in range(1, 12):
            proxy.cut_after(number * 90)
            asked = call(f"key-{number}" if number % 2 else None, expected=number)
            receipt: Any = None
            while receipt is None:
                try:
                    receipt = await said(running, id_, f"It is {number}.", asked)
                except Problem as problem:
                    assert 503 == problem.status  # noqa: PT017 - any other refusal is the fault
            proxy.cut_after(10**12)
            assert number + 1 == receipt.version
    assert 13 == len(await rows(database))


async def test_a_no_op_has_a_receipt_and_stores_nothing(database: str) -> None:
    async with bus(database, CODEC) as running:
        id_ = (await registered(running)).stream
        first = await running.run(suppress, PICTURES, call(stream=id_, expected=1), Why())
        again = await running.run(suppress, PICTURES, call(stream=id_, expected=2), Why())
    assert (("picture.suppressed", 2), ("", 2)) == ((first.type, first.version), (again.type, again.version))
    assert 3 == len(await rows(database))


async def test_an_id_of_another_aggregate_leads_nowhere_although_it_is_in_memory(database: str) -> None:
    async with bus(database, CODEC) as running:
        entry, shown = await made(running), (await registered(running)).stream
        one = await refusal(said(running, entry, "It is an article.", call(expected=1)))
        other = await refusal(running.run(commands.submit, ARTICLE, call(stream=shown, expected=1), Why()))
        await create(running, call(), article("tu-154"))
    assert (404, 404) == (one.status, other.status)
