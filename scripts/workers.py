"""Several processes of `serve` at one port: started, kept running and ended by one parent, with one log."""

import asyncio
import os
import signal
import socket
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from contextlib import suppress
from time import monotonic

import structlog

from kit.errors import Refused
from kit.http.edge.serving import door_at
from kit.logging import configure
from kit.settings import Settings
from scripts.cli.port import PORTS
from scripts.cli.stoppable import told_to_end

FIRST_PAUSE = 0.2
LONGEST_PAUSE = 5.0
"""Seconds between a death and the next start: doubled from the first to the longest."""

SETTLED = 30.0
"""Seconds after which a process that lives counts as well."""

LAST_SECONDS = 9.0
"""Time for the processes to end by themselves; each ends itself after 8 s, whatever hangs."""

LONGEST_LINE = 1024 * 1024
"""Bytes of a line of the log."""

CANNOT_BEGIN = 2
"""Exit code of a process that another try would not help."""


class Workers:
    """The parent of some processes that answer at one and the same socket.

    All of them wait at it, so nobody who has connected is lost when one of them dies. What they write goes
    through the parent, line by line, into one log. They end when it ends, however that happens: each holds
    one end of a pipe whose other end only the parent has.

    Args:
        settings: with the address of the database; `internal_port` is that of the first process, and the
            others have those after it.
        count: how many.

    Raises:
        Refused: there is no internal port.
        OSError: a port is taken, or not ours to take.
    """

    def __init__(self, settings: Settings, count: int) -> None:
        if settings.internal_port is None:
            raise Refused(
                ["several workers need FRANKENJET_INTERNAL_PORT: each has a port of its own from there on"]
            )
        self._settings = settings
        self._door = door_at(settings.host, settings.port or PORTS[0])
        self._inner = [door_at(settings.host, settings.internal_port + number) for number in range(count)]
        self._alive, self._held = os.pipe()
        self._told = asyncio.Event()
        self._processes: dict[int, Process] = {}
        self._code = 0
        self._log = structlog.get_logger("workers")

    async def run(self) -> int:
        """Run until a signal; return the exit code: that of a process which cannot begin, else 0.

        Raises:
            Exception: nobody expected it; all processes have ended.
        """
        self._door.listen()
        with told_to_end(asyncio.get_running_loop(), lambda _: self._told.set(), 2 * LAST_SECONDS):
            return await self._keep_all()

    async def _keep_all(self) -> int:
        keeping = [asyncio.create_task(self._keep(number)) for number in range(len(self._inner))]
        for task in keeping:
            task.add_done_callback(lambda _: self._told.set())
        await self._told.wait()
        for process in self._processes.values():
            with suppress(ProcessLookupError):
                process.send_signal(signal.SIGTERM)
        _, late = await asyncio.wait(keeping, timeout=LAST_SECONDS)
        if late:
            for process in self._processes.values():
                with suppress(ProcessLookupError):
                    process.kill()
            await asyncio.wait(late)
        for door in (self._door, *self._inner):
            door.close()
        for end in (self._alive, self._held):
            os.close(end)
        failed = [error for task in keeping if (error := task.exception()) is not None]
        if failed:
            raise failed[0]
        return self._code

    async def _keep(self, number: int) -> None:
        """Keep one process running."""
        deaths = 0
        while not self._told.is_set():
            began = monotonic()
            code = await self._once(number)
            if self._told.is_set():
                return
            lived = monotonic() - began
            if code == CANNOT_BEGIN and not deaths and lived < SETTLED:
                self._code = code
                self._told.set()
                return
            deaths = 1 if lived > SETTLED else deaths + 1
            pause = min(FIRST_PAUSE * 2 ** (deaths - 1), LONGEST_PAUSE)
            self._log.error("worker.ended", worker=number, code=code, again_in=pause)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._told.wait(), pause)

    async def _once(self, number: int) -> int | str:
        """Run one process to its end; return its exit code, or why the machine could not start it."""
        try:
            process = self._processes[number] = await self._start(number)
        except OSError as error:
            return str(error)
        assert process.stdout is not None  # noqa: S101 - asked for
        await _forward(process.stdout)
        return await process.wait()

    async def _start(self, number: int) -> Process:
        settings = self._settings
        files = self._door.fileno(), self._inner[number].fileno(), self._alive
        return await asyncio.create_subprocess_exec(
            sys.executable,
            *("-P", "-m", "scripts.main", "serve", "--inherited", ",".join(map(str, files))),
            stdin=DEVNULL,
            stdout=PIPE,
            limit=LONGEST_LINE,
            pass_fds=files,
            env={
                **os.environ,  # noqa: TID251 - for the children
                "DATABASE_URL": settings.database_url,
                "FRANKENJET_STATE": str(settings.state),
                "FRANKENJET_INTERNAL_PORT": str(self._inner[number].getsockname()[1]),
            },
            start_new_session=True,  # Ctrl-C reaches the parent alone
        )


async def _forward(lines: asyncio.StreamReader) -> None:
    """Write what a process writes, in whole lines, until it has ended."""
    while True:
        try:
            line = await lines.readline()
        except ValueError:  # longer than any line of ours; it is left out
            continue
        if not line:
            return
        with suppress(OSError):
            sys.stdout.buffer.write(line)
            sys.stdout.buffer.flush()


def doors_of(inherited: str) -> tuple[list[socket.socket], int]:
    """Return the sockets that a process was given by its parent, and the file that ends with the parent."""
    *doors, alive = (int(one) for one in inherited.split(","))
    return [socket.socket(fileno=one) for one in doors], alive


def serve_with(settings: Settings, count: int) -> int:
    """Serve with several processes until a signal; return the exit code.

    Raises:
        Refused, OSError: as `Workers`.
    """
    configure(settings.log_level, "json")

    async def run() -> int:
        return await Workers(settings, count).run()

    return asyncio.run(run())
