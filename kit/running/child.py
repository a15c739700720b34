"""A process beside ours for work that would stop the event loop: started when needed, ended when idle."""

import asyncio
import sys
from asyncio.subprocess import Process
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import BinaryIO, Self

from kit.checkout import ROOT
from kit.running.kept import KeptProcess
from kit.running.priority import give_way

IDLE_SECONDS = 10.0
"""Seconds without work after which the process is ended."""

MOST_WAITING = 8
"""Requests that may wait for the process; more are refused at once."""

TURN_SECONDS = 2.0
"""Seconds that a request waits for its turn."""

ANSWER_SECONDS = 10.0
"""Seconds after which an answer is not waited for any longer; work has to be bounded by what it counts."""

_LENGTH = 8
_NICE = 5


class Busy(Exception):  # noqa: N818 - a state
    """The process has too much to do, or could not do this; later it may."""


class ChildProcess:
    """Sends requests to one process, one at a time, and returns its answers.

    A request whose caller is cancelled is dropped: it is never sent, or the process is ended over it.
    The process ends by itself when ours does, however that ends.

    Args:
        module: run as `python -m`; it calls `serve`.
        idle: seconds without work after which the process is ended.
    """

    def __init__(self, module: str, *, idle: float = IDLE_SECONDS) -> None:
        self._kept = KeptProcess(partial(_started, module), _runs, _ended, idle=idle)
        self._turn = asyncio.Lock()
        self._waiting = 0

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._kept.__aexit__(*exc)

    @property
    def pid(self) -> int | None:
        """Of the process, while there is one."""
        return None if self._kept.current is None else self._kept.current.pid

    async def do(self, request: bytes) -> bytes:
        """Return what the process answers.

        Raises:
            Busy: when too many wait, when it is not this request's turn in time, or when the process failed.
        """
        if self._waiting >= MOST_WAITING:
            raise Busy
        self._waiting += 1
        try:
            async with asyncio.timeout(TURN_SECONDS):
                await self._turn.acquire()
        except TimeoutError:
            raise Busy from None
        finally:
            self._waiting -= 1
        try:
            async with asyncio.timeout(ANSWER_SECONDS), self._kept.used() as process:
                try:
                    return await _asked(process, request)
                except BaseException:
                    self._kept.leave()  # nobody waits for what it does now
                    raise
        except (OSError, EOFError, TimeoutError):
            raise Busy from None
        finally:
            self._turn.release()


async def _started(module: str) -> Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        module,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env={"PYTHONPATH": str(ROOT)},
        start_new_session=True,  # Ctrl-C reaches us alone
    )


def _runs(process: Process) -> bool:
    return process.returncode is None


async def _asked(process: Process, request: bytes) -> bytes:
    assert process.stdin is not None and process.stdout is not None  # noqa: S101, PT018 - asked for
    process.stdin.write(len(request).to_bytes(_LENGTH))
    process.stdin.write(request)
    await process.stdin.drain()
    length = int.from_bytes(await process.stdout.readexactly(_LENGTH))
    return await process.stdout.readexactly(length)


async def _ended(process: Process) -> None:
    with suppress(ProcessLookupError):
        process.kill()
    # Its end is heard of only when all that it had written is read: wait() would wait for that.
    await process.communicate()


def serve(work: Callable[[bytes], bytes]) -> None:
    """Answer requests from standard input until it is closed; for the module that a `ChildProcess` runs."""
    give_way(_NICE)
    requests, answers = sys.stdin.buffer, sys.stdout.buffer
    while head := requests.read(_LENGTH):
        _answer(answers, work(requests.read(int.from_bytes(head))))


def _answer(answers: BinaryIO, answer: bytes) -> None:
    with suppress(BrokenPipeError):  # our parent has gone; the next read says so
        answers.write(len(answer).to_bytes(_LENGTH))
        answers.write(answer)
        answers.flush()
