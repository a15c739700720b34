"""Work ends when nobody is there any more to read what it finds."""

import asyncio

import pytest
from starlette.requests import Request
from starlette.types import Message

from kit.errors import Problem
from kit.http.edge.exchange import BodyTooLarge
from kit.http.edge.gone import unless_gone
from kit.problem_types import NOT_FOUND


def request(leaves: asyncio.Event) -> Request:
    messages = iter([{"type": "http.request", "body": b"", "more_body": False}])

    async def receive() -> Message:
        if (message := next(messages, None)) is not None:
            return message
        await leaves.wait()
        return {"type": "http.disconnect"}

    return Request({"type": "http", "headers": []}, receive)


async def test_a_client_that_stays_gets_what_was_found() -> None:
    async def work() -> int:
        await asyncio.sleep(0)
        return 7

    assert 7 == await unless_gone(request(asyncio.Event()), work())


async def test_what_the_work_raises_is_raised() -> None:
    async def work() -> None:
        raise Problem(NOT_FOUND)

    with pytest.raises(Problem, match="Nothing is here"):
        await unless_gone(request(asyncio.Event()), work())


async def test_when_the_client_leaves_the_work_is_cancelled() -> None:
    leaves, cancelled = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        try:
            await asyncio.sleep(10)
        finally:
            cancelled.set()

    asyncio.get_running_loop().call_later(0.01, leaves.set)
    with pytest.raises(Problem) as gone:
        await unless_gone(request(leaves), work())
    assert (499, True) == (gone.value.status, cancelled.is_set())


async def test_for_a_client_that_left_before_its_turn_nothing_is_begun() -> None:
    begun = asyncio.Event()
    gone = asyncio.Event()
    gone.set()

    async def work() -> None:
        begun.set()

    with pytest.raises(Problem, match="has gone"):
        await unless_gone(request(gone), work())
    assert not begun.is_set()


async def test_who_sends_too_much_instead_hears_of_that() -> None:
    async def receive() -> Message:
        raise BodyTooLarge(413)

    sent = Request({"type": "http", "headers": []}, receive)
    with pytest.raises(BodyTooLarge):
        await unless_gone(sent, asyncio.sleep(10))
