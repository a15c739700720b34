"""The bus: one effect and one answer under each Idempotency-Key, whatever happens to the replies."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import msgspec
import pytest

from events.codec import CODEC
from kit.errors import Problem
from kit.ids import new_id
from tests.servers.proxy import Proxy, proxied
from tests.write_side.log.given import rows
from tests.write_side.log.test_appender import held_lock
from write_side.bus import KEY_PATIENCE, Bus
from write_side.call import Call, digest
from write_side.command import Why
from write_side.entry import commands
from write_side.entry.bodies import create_body, revise_body
from write_side.entry.kinds import AGGREGATES
from write_side.main import bus
from write_side.problem_types import INVALID
from write_side.receipt import Receipt

ARTICLE = AGGREGATES["article"]
CreateArticle = create_body(ARTICLE.declared)
ReviseArticle = revise_body(ARTICLE.declared)

ACTOR = new_id()


def call(
    key: str | None = None, *, request: str = "", stream: UUID | None = None, expected: int | None = None
) -> Call:
    """Return a call under a key; the request says what is asked for."""
    return Call(
        actor=ACTOR,
        stream=stream,
        expected=expected,
        key=digest(key.encode()) if key else None,
        request=digest(request.encode()),
    )


def article(slug: str = "tu-144") -> Any:
    return CreateArticle(title="Ту-144", locale="ru", slug=slug)


async def create(running: Bus, asked: Call, body: Any) -> Receipt:
    return await running.run(commands.create, ARTICLE, asked, body)


async def revise(running: Bus, id_: UUID, asked: Call, title: str) -> Receipt:
    asked = msgspec.structs.replace(asked, stream=id_)
    return await running.run(commands.revise, ARTICLE, asked, ReviseArticle(title=title))


async def made(running: Bus) -> UUID:
    """Make an article and return its id."""
    return (await create(running, call(), article())).stream


async def refusal(work: Awaitable[Any]) -> Problem:
    with pytest.raises(Problem) as refused:
        await work
    return refused.value


async def test_fifty_retries_of_one_key_have_one_effect_and_one_answer(database: str) -> None:
    async with bus(database, CODEC) as one, bus(database, CODEC) as two:
        answers = await asyncio.gather(
            *(create(running, call("key"), article()) for _ in range(25) for running in (one, two))
        )
    assert len({answer.body for answer in answers}) == 1
    assert [1, 2] == [row.position for row in await rows(database)]
    assert answers[0].position == 2


async def test_a_retry_in_another_process_gets_the_same_bytes(database: str) -> None:
    async with bus(database, CODEC) as running:
        first = await create(running, call("key"), article())
        await create(running, call(), article("tu-154"))
    async with bus(database, CODEC) as running:  # the first one was killed before it could answer
        assert first._replace(replayed=True) == await create(running, call("key"), article())
    assert len(await rows(database)) == 4


async def test_a_retried_revision_is_answered_although_its_version_is_stale_by_now(database: str) -> None:
    async with bus(database, CODEC) as running:
        id_ = await made(running)
        first = await revise(running, id_, call("key", expected=1), "Tu-144")
        await revise(running, id_, call(expected=2), "Ту-144С")
        again = await revise(running, id_, call("key", expected=1), "Tu-144")
        assert first._replace(replayed=True) == again
        assert (await refusal(revise(running, id_, call("other", expected=1), "Tu-144"))).status == 412


async def test_a_command_that_changed_nothing_is_answered_the_same_again(database: str) -> None:
    async with bus(database, CODEC) as running:
        id_ = await made(running)
        first = await revise(running, id_, call("key", expected=1), "Ту-144")
        await revise(running, id_, call(expected=1), "Ту-144С")
        again = await revise(running, id_, call("key", expected=1), "Ту-144")
        assert first._replace(replayed=True) == again
    assert (1, 2) == (first.version, first.position)


async def test_a_key_that_was_used_for_another_request_is_refused(database: str) -> None:
    async with bus(database, CODEC) as running:
        await create(running, call("key", request="a"), article())
        refused = await refusal(create(running, call("key", request="b"), article("tu-154")))
        assert (422, "key-reused") == (refused.status, refused.type)
        refused = await refusal(create(running, call("key", request="b"), article()))
        assert (422, "key-reused") == (refused.status, refused.type)
    assert len(await rows(database)) == 2


async def test_a_refused_command_is_judged_again_under_the_same_key(database: str) -> None:
    async with bus(database, CODEC) as running:
        id_ = await made(running)
        assert (await refusal(revise(running, id_, call("key", expected=2), "Tu-144"))).status == 412
        await revise(running, id_, call(expected=1), "Ту-144С")
        assert 3 == (await revise(running, id_, call("key", expected=2), "Tu-144")).version


async def test_while_the_first_request_runs_another_waits_and_then_is_told_to_come_back(
    database: str,
) -> None:
    async with bus(database, CODEC) as running:
        await made(running)
        async with held_lock(database):
            first = asyncio.create_task(create(running, call("key"), article("tu-154")))
            await asyncio.sleep(0.05)
            refused = await refusal(create(running, call("key"), article("tu-154")))
            assert (409, "key-in-use", "1") == (refused.status, refused.type, refused.headers["Retry-After"])
        await asyncio.gather(first, return_exceptions=True)
        await create(running, call("key"), article("tu-154"))
    assert len(await rows(database)) == 4


async def test_a_request_waits_two_seconds_in_all_for_those_before_it_under_its_key(database: str) -> None:
    async def refusing(work: Any, body: Any) -> Receipt:  # noqa: ARG001 - handlers are called with these
        await asyncio.sleep(KEY_PATIENCE * 0.6)
        raise Problem(INVALID)

    async with bus(database, CODEC) as running:
        requests = [running.run(refusing, ARTICLE, call("key"), article()) for _ in range(4)]
        refused = await asyncio.gather(*map(refusal, requests))
    assert INVALID.name == refused[0].type
    assert [one.type for one in refused].count("key-in-use") >= 2


async def test_nobody_is_told_of_a_conflict_with_a_write_whose_reply_was_lost(database: str) -> None:
    def kept(number: int) -> str | None:
        return f"key-{number}" if number % 2 else None

    async with proxied(database) as (proxy, dsn), bus(dsn, CODEC) as running:
        id_ = await made(running)
        await revise(running, id_, call(expected=1), "Ту-144 1")
        for number in range(2, 22):
            cut = _cut_somewhere(proxy, number)
            receipt, attempts = await _until_answered(
                lambda number=number: revise(  # type: ignore[misc]  # bound while it is what it is
                    running, id_, call(kept(number), expected=number), f"Ту-144 {number}"
                )
            )
            cut()
            assert receipt.version == number + 1
            assert attempts > 1 or not receipt.replayed, "it is the answer to this very request"
    assert 23 == len(await rows(database))


def _cut_somewhere(proxy: Proxy, number: int) -> Callable[[], None]:
    """Break the connections after some bytes of the next request, or just behind it."""
    proxy.cut_after(number * 90)
    return lambda: proxy.cut_after(10**12)


async def _until_answered(work: Callable[[], Awaitable[Receipt]]) -> tuple[Receipt, int]:
    for attempt in range(1, 6):
        try:
            return await work(), attempt
        except Problem as problem:
            if problem.status != 503:
                raise
    raise AssertionError("no answer")


async def test_the_slug_of_two_articles_goes_to_one_of_them(database: str) -> None:
    async with bus(database, CODEC) as one, bus(database, CODEC) as two:
        answers = await asyncio.gather(
            *(create(running, call(), article()) for running in (one, two) for _ in range(10)),
            return_exceptions=True,
        )
    refused = [answer for answer in answers if isinstance(answer, Problem)]
    assert {(409, "slug-taken")} == {(one.status, one.type) for one in refused}
    assert (19, 2) == (len(refused), len(await rows(database)))


async def test_a_refusal_stands_on_the_log_and_not_on_what_a_process_remembers(database: str) -> None:
    async with bus(database, CODEC) as here, bus(database, CODEC) as there:
        id_ = await made(here)
        await here.run(commands.archive, ARTICLE, call(stream=id_, expected=1), Why())
        with pytest.raises(Problem, match="archive") as refused:
            await revise(here, id_, call(expected=2), "A")
        assert refused.value.status == 409
        await there.run(commands.restore, ARTICLE, call(stream=id_, expected=2), Why())
        with pytest.raises(Problem) as stale:
            await revise(here, id_, call(expected=2), "A")
        assert (stale.value.status, stale.value.facts["version"]) == (412, 3)
        assert 4 == (await revise(here, id_, call(expected=3), "A")).version
