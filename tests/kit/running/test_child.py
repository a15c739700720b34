"""A worker: one process beside ours, there while it is needed and no longer."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from kit.checkout import ROOT
from kit.running import child
from kit.running.child import Busy, ChildProcess
from tests.kit.running.adder import ENDLESS, SLEEP

MODULE = "tests.kit.running.adder"


def runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()[0] != "Z"


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not true():  # noqa: ASYNC110 - another process does it
            await asyncio.sleep(0.02)


def pid_of(one: ChildProcess) -> int:
    assert one.pid is not None
    return one.pid


async def test_there_is_no_process_before_something_is_asked_and_one_afterwards() -> None:
    async with ChildProcess(MODULE) as one:
        assert one.pid is None
        assert [b"6", b"15"] == [await one.do(bytes([1, 2, 3])), await one.do(bytes([4, 5, 6]))]
        pid = pid_of(one)
        assert b"255000000" == await one.do(b"\xff" * 1_000_000)
        assert pid == one.pid
    assert not runs(pid)


async def test_it_ends_when_it_is_idle_and_begins_again_when_it_is_needed() -> None:
    async with ChildProcess(MODULE, idle=0.05) as one:
        await one.do(b"a")
        pid = pid_of(one)
        await until(lambda: not runs(pid))
        assert one.pid is None
        assert b"97" == await one.do(b"a")


async def test_what_nobody_waits_for_any_longer_is_dropped() -> None:
    async with ChildProcess(MODULE) as one:
        await one.do(b"a")
        pid = pid_of(one)
        first, second = (asyncio.create_task(one.do(SLEEP)) for _ in range(2))
        await asyncio.sleep(0.05)
        second.cancel()  # it was never sent
        first.cancel()
        await asyncio.gather(first, second, return_exceptions=True)
        await until(lambda: not runs(pid))
        assert b"97" == await one.do(b"a")


async def test_it_ends_with_an_answer_on_the_way_that_nobody_reads() -> None:
    """More has come than is taken from the pipe: that it ended is heard of only when the rest is read."""
    async with asyncio.timeout(30), ChildProcess(MODULE) as one:
        await one.do(b"a")
        pid = pid_of(one)
        asking = asyncio.create_task(one.do(ENDLESS))
        await asyncio.sleep(0.1)
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
        assert b"97" == await one.do(b"a")
    assert not runs(pid)


async def test_a_caller_that_comes_when_too_many_wait_is_refused_at_once() -> None:
    async with ChildProcess(MODULE) as one:
        waiting = [asyncio.create_task(one.do(SLEEP)) for _ in range(child.MOST_WAITING + 1)]
        await until(lambda: one.pid is not None)
        with pytest.raises(Busy):
            await one.do(b"a")
        found = await asyncio.gather(*waiting, return_exceptions=True)
        told = str(sum(SLEEP)).encode()
        assert {True} == {answer == told or isinstance(answer, Busy) for answer in found}
        assert told == found[0]
        assert any(isinstance(answer, Busy) for answer in found)  # it was not their turn within 2 s


async def test_a_process_that_fails_or_is_killed_is_replaced() -> None:
    async with ChildProcess(MODULE) as one:
        with pytest.raises(Busy):
            await one.do(b"")
        assert b"97" == await one.do(b"a")
        os.kill(pid_of(one), signal.SIGKILL)
        with pytest.raises(Busy):
            await one.do(b"a")
        assert b"97" == await one.do(b"a")


async def test_it_ends_when_its_parent_is_killed() -> None:
    program = (
        "import asyncio, os, signal\n"
        "from kit.running.child import ChildProcess\n"
        "async def main():\n"
        f"    one = ChildProcess({MODULE!r})\n"
        "    await one.do(b'a')\n"
        "    print(one.pid, flush=True)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
        "asyncio.run(main())\n"
    )
    found = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )
    await until(lambda: not runs(int(found.stdout)))
