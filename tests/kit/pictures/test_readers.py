"""What forks a process for each picture outlives all of them, and no process outlives who asked."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import pytest

from kit.checkout import ROOT
from kit.pictures.asking import PictureRequest
from kit.pictures.readers import PictureReaders, ReadersAway
from kit.pictures.refusing import PictureRefused
from kit.running.child import Busy
from tests.kit.running.test_child import runs, until

MODULE = "tests.kit.pictures.taken_over"
LONG = 300.0


class Asked(NamedTuple):
    """A request that is worked on, and its files."""

    task: asyncio.Task[bytes]
    source: BinaryIO
    target: BinaryIO

    def pids(self) -> list[int]:
        """Return the pids of those who have begun it."""
        return [int(one) for one in os.pread(self.target.fileno(), 100, 0).split()]


@asynccontextmanager
async def asked(
    readers: PictureReaders, work: str, wish: Any = None, seconds: float = LONG
) -> AsyncIterator[Asked]:
    with tempfile.TemporaryFile() as source, tempfile.TemporaryFile() as target:
        request = PictureRequest(work, wish, seconds)
        task = asyncio.create_task(readers.told(request, source, target))
        try:
            yield Asked(task, source, target)
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


async def said(readers: PictureReaders, work: str, wish: Any = None, seconds: float = LONG) -> Any:
    async with asked(readers, work, wish, seconds) as one:
        return json.loads(await one.task)


def pid_of(readers: PictureReaders) -> int:
    assert readers.pid is not None
    return readers.pid


def open_files() -> int:
    return len([*Path("/dev/fd").iterdir()])


async def test_nothing_is_kept_ready_before_the_first_picture_nor_for_long_behind_the_last() -> None:
    async with PictureReaders(MODULE, idle=0.05) as readers:
        assert readers.pid is None
        await said(readers, "look", 3)
        await until(lambda: readers.pid is None)
        await said(readers, "look", 3)
    assert readers.pid is None


async def test_one_process_is_kept_for_many_pictures_and_gone_with_its_owner() -> None:
    async with PictureReaders(MODULE) as readers:
        await asyncio.gather(*(said(readers, "look", 3) for _ in range(5)))
        kept = pid_of(readers)
        await said(readers, "look", 3)
        assert kept == readers.pid
    assert not runs(kept)


@pytest.mark.parametrize("by", [signal.SIGKILL, signal.SIGXCPU, signal.SIGALRM])
async def test_a_reader_that_a_limit_ends_takes_nobody_along(by: signal.Signals) -> None:
    async with PictureReaders(MODULE) as readers:
        async with asked(readers, "hang") as beside:
            await until(lambda: bool(beside.pids()))
            kept = pid_of(readers)
            with pytest.raises(PictureRefused, match="too much"):
                await said(readers, "end", int(by))
            os.pwrite(beside.source.fileno(), b"go on", 0)
            assert {"pid": beside.pids()[0]} == json.loads(await beside.task)
        assert kept == readers.pid


async def test_a_reader_takes_no_more_memory_than_it_may_and_the_next_one_has_it_again() -> None:
    async with PictureReaders(MODULE) as readers:
        for _ in range(2):
            assert {"refused": "takes-too-much"} == await said(readers, "take")


async def test_a_reader_that_hangs_is_ended_and_said_to_be_late() -> None:
    async with PictureReaders(MODULE) as readers:
        async with asked(readers, "hang", seconds=3.0) as late:
            await until(lambda: bool(late.pids()))
            with pytest.raises(Busy):
                await late.task
            assert not runs(late.pids()[0])
        kept = pid_of(readers)
        await said(readers, "look", 3)
        assert kept == readers.pid


async def test_who_waits_no_longer_leaves_no_reader() -> None:
    async with PictureReaders(MODULE) as readers, asked(readers, "hang") as one:
        await until(lambda: bool(one.pids()))
        one.task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await one.task
        assert not runs(one.pids()[0])


async def test_who_goes_away_before_anything_is_ready_leaves_no_open_file() -> None:
    before = open_files()
    async with (
        PictureReaders(MODULE) as readers,
        asked(readers, "look", 3) as first,
        asked(readers, "look", 3) as second,
    ):
        await asyncio.sleep(0)  # one starts what forks them, the other waits for it
        assert readers.pid is None
        for one in (first, second):
            one.task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await one.task
    assert before == open_files()


async def test_behind_a_crash_the_next_picture_is_read_by_a_process_laid_out_otherwise() -> None:
    """Who finds a hole must not learn by trying where in memory things are."""
    async with PictureReaders(MODULE) as readers:
        async with asked(readers, "hang") as beside:
            await until(lambda: bool(beside.pids()))
            crashed = pid_of(readers)
            async with asked(readers, "end", int(signal.SIGSEGV)) as one:
                assert b"" == await one.task
            await said(readers, "look", 3)
            assert crashed != readers.pid
            assert runs(crashed)  # a picture is still read
        await until(lambda: not runs(crashed))


async def test_a_reader_sees_no_file_but_its_own_while_another_picture_is_read() -> None:
    async with PictureReaders(MODULE) as readers, asked(readers, "hang") as other:
        await until(lambda: bool(other.pids()))
        async with asked(readers, "look", 4096) as one:
            seen = json.loads(await one.task)
            own = [os.fstat(file.fileno()).st_ino for file in (one.source, one.target)]
        assert [0, 1, 2] == [number for number, _ in seen["open"]]
        assert own == [inode for _, inode in seen["open"]][:2]
        assert {"PYTHONPATH"} >= {*seen["environment"]} - {"LC_CTYPE"}
        assert [[0, 0], [0, 0]] == seen["limits"]
        assert seen["nice"] > 0


async def test_when_what_forks_them_is_killed_a_picture_is_read_once_more() -> None:
    async with PictureReaders(MODULE) as readers, asked(readers, "hang") as one:
        await until(lambda: bool(one.pids()))
        (first,), kept = one.pids(), pid_of(readers)
        os.kill(kept, signal.SIGKILL)
        await until(lambda: one.pids() not in ([], [first]))
        assert not runs(first)
        os.pwrite(one.source.fileno(), b"go on", 0)
        (second,) = one.pids()
        assert {"pid": second} == json.loads(await one.task)
        assert kept != readers.pid


async def test_one_that_dies_while_nobody_asks_is_replaced() -> None:
    async with PictureReaders(MODULE) as readers:
        await said(readers, "look", 3)
        kept = pid_of(readers)
        os.kill(kept, signal.SIGKILL)
        await said(readers, "look", 3)
        assert kept != readers.pid


async def test_where_none_can_be_had_it_is_said() -> None:
    async with PictureReaders("tests.kit.pictures.nowhere") as readers:
        with pytest.raises(ReadersAway):
            await said(readers, "look", 3)


def test_who_asked_is_killed_and_nothing_is_left(tmp_path: Path) -> None:
    asking = subprocess.Popen(
        [sys.executable, "-m", "tests.kit.pictures.asking", str(tmp_path / "target")],
        cwd=ROOT, stdout=subprocess.PIPE,
    )  # fmt: skip
    assert asking.stdout is not None
    kept = int(asking.stdout.readline())
    reading = int((tmp_path / "target").read_bytes())
    assert (True, True) == (runs(kept), runs(reading))
    asking.kill()
    asking.wait()
    asyncio.run(until(lambda: not runs(kept) and not runs(reading)))
    asking.stdout.close()
