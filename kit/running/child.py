"""A process beside ours for work that would stop the event loop: started when needed, ended when idle."""

import asyncio
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import BinaryIO, Self

from kit.checkout import ROOT
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
        self._module = module
        self._idle = idle
        self._turn = asyncio.Lock()
        self._waiting = 0
        self._process: asyncio.subprocess.Process | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._ended: set[asyncio.Task[object]] = set()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self._end()
        await asyncio.gather(*self._ended)

    @property
    def pid(self) -> int | None:
        """Of the process, while there is one."""
        return None if self._process is None else self._process.pid

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
            async with asyncio.timeout(ANSWER_SECONDS):
                answer = await self._asked(request)
        except (OSError, EOFError, TimeoutError):
            self._end()
            raise Busy from None
        except BaseException:
            self._end()  # nobody waits for what it does now
            raise
        else:
            self._timer = asyncio.get_running_loop().call_later(self._idle, self._end)
            return answer
        finally:
            self._turn.release()

    async def _asked(self, request: bytes) -> bytes:
        if self._timer is not None:
            self._timer.cancel()
        process = self._process
        if process is None or process.returncode is not None:
            process = self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                self._module,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                env={"PYTHONPATH": str(ROOT)},
                start_new_session=True,  # Ctrl-C reaches us alone
            )
        assert process.stdin is not None and process.stdout is not None  # noqa: S101, PT018 - asked for
        process.stdin.write(len(request).to_bytes(_LENGTH))
        process.stdin.write(request)
        await process.stdin.drain()
        length = int.from_bytes(await process.stdout.readexactly(_LENGTH))
        return await process.stdout.readexactly(length)

    def _end(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        process, self._process = self._process, None
        if process is not None:
            with suppress(ProcessLookupError):
                process.kill()
            # Its end is heard of only when all that it had written is read: wait() would wait for that.
            task: asyncio.Task[object] = asyncio.get_running_loop().create_task(process.communicate())
            self._ended.add(task)
            task.add_done_callback(self._ended.discard)


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
