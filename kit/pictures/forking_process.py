"""The process that forks those that read pictures, as seen by who asks it: started, asked, ended."""

import asyncio
import socket
import subprocess
import sys
from contextlib import suppress
from io import FileIO
from typing import BinaryIO

from kit.checkout import ROOT
from kit.pictures.asking import GivenFiles, PictureRequest, send
from kit.running.child import Busy

END_SECONDS = 5.0
"""Seconds in which what is ended has to be gone; else what has forked it is killed, which ends both."""


class ForkingProcess:
    """What forks a process for each picture; starting it takes some milliseconds of the thread."""

    def __init__(self, module: str) -> None:
        self._requests, theirs = socket.socketpair()
        with theirs:
            self.process = subprocess.Popen(  # noqa: S603 - our own program
                (sys.executable, "-m", module),
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                env={"PYTHONPATH": str(ROOT)},
                start_new_session=True,  # Ctrl-C reaches us alone
            )
        self._requests.settimeout(0)

    def runs(self) -> bool:
        """Tell whether it has not ended."""
        return self.process.poll() is None

    async def code(
        self, request: PictureRequest, source: BinaryIO, target: BinaryIO, said: FileIO
    ) -> int | None:
        """Return how a process ended that read a picture; None: it was lost.

        `said` is closed as soon as that process has it, so that its end can be heard.

        Raises:
            Busy: it took too long.
            OSError: nothing can be asked for here.
        """
        loop = asyncio.get_running_loop()
        line, theirs = socket.socketpair()
        line.settimeout(0)
        with line:
            with theirs, said:
                files = GivenFiles(source.fileno(), target.fileno(), said.fileno(), theirs.fileno())
                send(self._requests, request, files)
            try:
                async with asyncio.timeout(request.seconds):
                    return _exit_code(await loop.sock_recv(line, 16))
            except TimeoutError:
                await self._given_up(line)
                raise Busy from None
            except BaseException:
                await self._given_up(line)
                raise

    async def _given_up(self, line: socket.socket) -> None:
        """Have a process ended for which nobody waits any more, and return when it is gone."""
        with suppress(OSError):
            line.shutdown(socket.SHUT_WR)
            try:
                async with asyncio.timeout(END_SECONDS):
                    await asyncio.get_running_loop().sock_recv(line, 16)
            except TimeoutError:
                self.process.kill()

    async def end(self) -> None:
        """End it, and whatever it has forked; return when it is gone."""
        self._requests.close()
        await asyncio.to_thread(_gone, self.process)


def _gone(process: subprocess.Popen[bytes]) -> None:
    with suppress(subprocess.TimeoutExpired):
        process.wait(END_SECONDS)
        return
    process.kill()
    process.wait()


def _exit_code(said: bytes) -> int | None:
    return int(said) if said else None
