"""Tasks that are told to end do so, whatever they make of it the first time."""

import asyncio

from structlog.testing import capture_logs

from kit.running.ending import end


async def loses(cancellations: int) -> None:
    """Go on although it was cancelled, so many times: a clean-up raised something else."""
    for _ in range(cancellations):
        try:
            try:
                await asyncio.sleep(3_600)
            finally:
                raise TimeoutError
        except TimeoutError:
            continue
    await asyncio.sleep(3_600)


async def begun(cancellations: int) -> asyncio.Task[None]:
    task = asyncio.create_task(loses(cancellations))
    await asyncio.sleep(0)
    return task


async def test_a_task_that_has_lost_its_cancellation_is_cancelled_again_and_that_is_said() -> None:
    tasks = [await begun(lost) for lost in (0, 1, 2)]
    with capture_logs() as said:
        async with asyncio.timeout(30):
            await end(*tasks, again=0.02)
    assert all(task.cancelled() for task in tasks)
    assert ["task.goes_on"] * 3 == [one["event"] for one in said]


async def test_what_a_task_ended_with_before_or_on_its_way_out_is_nobodys_trouble() -> None:
    async def fails() -> None:
        raise ValueError

    async def fails_late() -> None:
        try:
            await asyncio.sleep(3_600)
        finally:
            raise ValueError

    tasks = [asyncio.create_task(one) for one in (fails(), fails_late(), asyncio.sleep(0))]
    await asyncio.sleep(0.01)
    await end(*tasks)
    assert [ValueError, ValueError, type(None)] == [type(task.exception()) for task in tasks]
    await end()
