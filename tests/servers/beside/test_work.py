"""What fails beside a test fails the test at once, and the test says why."""

import asyncio

import pytest

from tests.servers.beside import beside


async def goes_on(ended: list[str]) -> None:
    try:
        await asyncio.Event().wait()
    finally:
        ended.append("it")


async def fails() -> None:
    await asyncio.sleep(0)
    raise ValueError("the editor was refused")


async def test_what_goes_on_is_ended_with_the_block() -> None:
    ended: list[str] = []
    async with beside(goes_on(ended), goes_on(ended)) as tasks:
        await asyncio.sleep(0)
        assert [False, False] == [task.done() for task in tasks]
    assert ["it", "it"] == ended


async def test_what_fails_ends_a_block_that_waits_without_end_and_is_raised_as_it_is() -> None:
    ended: list[str] = []
    with pytest.raises(ValueError, match="the editor was refused"):
        async with beside(goes_on(ended), fails()):
            await asyncio.Event().wait()
    assert ["it"] == ended


async def test_what_failed_as_the_block_ended_is_raised_after_it() -> None:
    with pytest.raises(ValueError, match="the editor was refused"):
        async with beside(fails()) as (task,):
            await asyncio.wait([task])


async def test_what_the_block_raises_is_raised_as_it_is() -> None:
    with pytest.raises(KeyError, match="of the block"):
        async with beside(goes_on([])):
            raise KeyError("of the block")


async def test_of_two_errors_neither_is_kept_back() -> None:
    async def fails_too() -> None:
        await asyncio.sleep(0)
        raise KeyError("the reader as well")

    with pytest.raises(ExceptionGroup) as several:
        async with beside(fails(), fails_too()):
            await asyncio.Event().wait()
    assert {ValueError, KeyError} == {type(one) for one in several.value.exceptions}


async def test_what_is_raised_instead_of_a_cancellation_is_of_no_interest() -> None:
    async def closes_badly() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            raise OSError("already closed")

    async with beside(closes_badly()):
        await asyncio.sleep(0)
