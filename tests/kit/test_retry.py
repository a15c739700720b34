"""A loop that tries again without end stops when it is cancelled, whatever the clean-up raises."""

import asyncio

import pytest

from kit.retry import before_retry


async def _tries(clean_up_fails: asyncio.Event) -> None:
    while True:
        try:
            try:
                await asyncio.sleep(3600)
            finally:
                clean_up_fails.set()
                raise ConnectionError("the roll-back got no answer")
        except OSError:
            await before_retry(0)


async def test_a_cancellation_that_the_clean_up_has_replaced_still_ends_the_loop() -> None:
    failed = asyncio.Event()
    loop = asyncio.create_task(_tries(failed))
    await asyncio.sleep(0)
    loop.cancel()
    done, _ = await asyncio.wait([loop], timeout=5)
    assert failed.is_set()
    assert done
    assert loop.cancelled()


async def test_who_was_not_cancelled_waits_and_goes_on() -> None:
    before = asyncio.get_running_loop().time()
    await before_retry(0.02)
    assert asyncio.get_running_loop().time() - before >= 0.015


async def test_a_timeout_that_has_passed_is_no_cancellation() -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.001):
            await asyncio.sleep(1)
    await before_retry(0)
