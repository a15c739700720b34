"""Work on another thread: the loop turns, what takes too long is interrupted, nobody else is hit by it."""

import asyncio
import gc
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress

import pytest

from kit.running.beside_loop import HERE_SECONDS, BesideLoop
from kit.running.time_limit import TimeLimit, TooSlow


def burn(seconds: float) -> float:
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        pass
    return seconds


def stubborn(seconds: float) -> None:
    """Go on after the first interruption, as a handler that catches everything would."""
    with suppress(BaseException):
        burn(seconds)
    burn(seconds)


async def test_an_event_that_takes_too_much_cpu_is_interrupted_and_the_next_one_is_not() -> None:
    def work(bound: TimeLimit) -> list[str]:
        found = []
        for function, seconds in ((burn, 0), (burn, 9), (burn, 0.05), (stubborn, 9), (burn, 0.05)):
            try:
                bound.run(function, seconds)
            except TooSlow as error:
                found.append(str(error))
            else:
                found.append("done")
        return found

    slow = "it took more than 0.2 s of CPU"
    assert ["done", slow, "done", slow, "done"] == await BesideLoop(event=0.2).run(work)


async def test_what_waits_without_using_the_processor_is_not_interrupted() -> None:
    assert await BesideLoop(event=0.1).run(lambda bound: bound.run(time.sleep, 0.4) is None)


async def test_an_error_of_an_event_is_its_own() -> None:
    def fail() -> None:
        raise ZeroDivisionError

    worker = BesideLoop()
    with pytest.raises(ZeroDivisionError):
        await worker.run(lambda bound: bound.run(fail))
    assert 1 == await worker.run(lambda bound: bound.run(int, "1"))


async def test_the_time_of_a_piece_ends_and_something_else_is_done_beside_it() -> None:
    beside = 0

    async def beside_it() -> None:
        nonlocal beside
        beside += 1

    worker = BesideLoop(piece=0.3)
    worker.while_working, worker.every = beside_it, 0.1

    def work(bound: TimeLimit) -> int:
        count = 0
        while not bound.over():
            bound.run(burn, 0.01)
            count += 1
        return count

    began = time.monotonic()
    count = await worker.run(work)
    assert 0 < count <= 30
    assert 0.3 <= time.monotonic() - began < 10
    assert beside >= 1
    assert 0 == worker.working


async def test_what_nobody_waits_for_any_more_ends_at_once() -> None:
    worker = BesideLoop(event=30)
    ended: list[float] = []

    def work(bound: TimeLimit) -> None:
        with suppress(TooSlow):
            bound.run(burn, 20)
        ended.append(time.monotonic())

    running = asyncio.create_task(worker.run(work))
    await asyncio.sleep(0.2)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert 7 == await asyncio.wait_for(worker.run(lambda bound: bound.run(int, "7")), 15)
    assert ended


async def test_a_small_piece_is_done_on_the_thread_of_the_loop_unless_it_takes_longer_than_that_bears() -> (
    None
):
    worker = BesideLoop(event=0.2)
    threads: list[str] = []

    def work(seconds: float) -> Callable[[TimeLimit], str]:
        def do(bound: TimeLimit) -> str:
            threads.append(threading.current_thread().name)
            try:
                bound.run(burn, seconds)
            except TooSlow as error:
                return str(error)
            return "done"

        return do

    assert "done" == await worker.run(work(0), 1)
    assert "done" == await worker.run(work(0.1), 1)
    assert "it took more than 0.2 s of CPU" == await worker.run(work(9), 1)
    assert "done" == await worker.run(work(0), 1)
    here, beside = threading.current_thread().name, "beside loop"
    assert [here, here, beside, here, beside, here] == threads


async def test_an_interruption_hits_no_event_but_the_one_that_it_is_meant_for() -> None:
    """Events that end just when their time is over, again and again, on both threads."""
    worker = BesideLoop(piece=30, event=0.02)

    def work(bound: TimeLimit) -> tuple[int, int]:
        done = slow = 0
        for number in range(12):
            try:
                bound.run(burn, 0.02 + number % 6 / 100)
                done += 1
            except TooSlow:
                slow += 1
            burn(0.001)  # nothing may arrive here
        return done, slow

    for _ in range(2):
        assert 12 == sum(await worker.run(work))
        assert 12 == sum(await worker.run(work, 1))


async def test_a_small_piece_is_not_cut_because_it_waited_for_a_core() -> None:
    def waits(limit: TimeLimit) -> bool:
        time.sleep(5 * HERE_SECONDS)
        return limit.over()

    worker = BesideLoop()
    try:
        assert await worker.run(waits, 1) is False
    finally:
        worker.close()


class _Loses:
    """Is interrupted while it is being deleted, where Python cannot raise anything."""

    def __init__(self, begun: threading.Event) -> None:
        self._begun = begun

    def __del__(self) -> None:
        self._begun.set()
        burn(30)


async def test_work_that_lost_its_interruption_is_interrupted_again(monkeypatch: pytest.MonkeyPatch) -> None:
    lost: list[object] = []
    monkeypatch.setattr(sys, "unraisablehook", lost.append)  # no Python, which could be interrupted in turn
    worker, begun = BesideLoop(event=30), threading.Event()

    def work(bound: TimeLimit) -> None:
        def lose() -> None:
            _Loses(begun)
            burn(20)

        with suppress(TooSlow):
            bound.run(lose)

    running = asyncio.create_task(worker.run(work))
    await asyncio.to_thread(begun.wait, 30)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert 7 == await asyncio.wait_for(worker.run(lambda bound: bound.run(int, "7")), 15)
    assert lost


async def test_the_collection_of_garbage_is_not_taken_for_slow_work() -> None:
    def slow(phase: str, _: dict[str, int]) -> None:
        if phase == "start":
            burn(4 * HERE_SECONDS)

    def work(bound: TimeLimit) -> int:
        threads.append(threading.get_ident())
        return bound.run(lambda: len([[number] for number in range(500)]))

    threads: list[int] = []
    worker, thresholds = BesideLoop(), gc.get_threshold()
    gc.callbacks.append(slow)
    gc.set_threshold(100)
    try:
        assert 500 == await worker.run(work, 1)
    finally:
        gc.set_threshold(*thresholds)
        gc.callbacks.remove(slow)
        worker.close()
    assert [threading.get_ident()] == threads
    assert gc.isenabled()
