"""`frankenjet serve`: commands and queries over HTTP, in one process or several."""

import asyncio
import resource
import socket
from contextlib import suppress
from dataclasses import replace

import uvloop

from kit.http.edge.serving import Listening, door_at
from kit.http.edge.serving import serve as serve_at
from kit.logging import adopt_libraries
from kit.postgres.connect import ACCOUNTS, READER, WRITER
from kit.settings import Settings
from scripts.app import assemble
from scripts.cli.database import database
from scripts.cli.door import one_log, reach, ready_to_serve
from scripts.cli.port import PORTS
from scripts.cli.stoppable import signals_as_before, told_to_end
from scripts.workers import doors_of, serve_with

GRACE = 2.0
"""Seconds that requests have to end after a signal."""

FILES = 65_536
"""Open files that are asked for, where the machine allows so many."""

OTHER_FILES = 256
"""Of them, for everything but connections of clients."""


def serve(settings: Settings, workers: int = 1, inherited: str = "") -> int:
    """Serve until SIGTERM, SIGINT or SIGHUP; return the exit code.

    Args:
        settings: what is decided outside.
        workers: processes that serve at the same port.
        inherited: what a process that is one of several was given by its parent.
    """
    files = raise_file_limit()
    adopt_libraries()
    if settings.read_url:
        reach(settings.read_url, "FRANKENJET_READ_URL", (READER,))
    with database(settings, WRITER, ACCOUNTS, *(() if settings.read_url else (READER,))) as dsn:
        if settings.read_url:
            one_log(dsn, settings.read_url)
        if not inherited:
            ready_to_serve(settings, workers)
        if workers > 1:
            return serve_with(replace(settings, database_url=dsn), workers)
        with signals_as_before(), asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_serve(replace(settings, database_url=dsn), files, inherited))
    return 0


def raise_file_limit() -> int:
    """Let this process open as many files as it may; return how many those are."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES if hard == resource.RLIM_INFINITY else min(FILES, hard)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return FILES if soft == resource.RLIM_INFINITY else soft
    with suppress(OSError, ValueError):  # macOS may allow less than it says
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        return wanted
    return soft


async def _serve(settings: Settings, files: int, inherited: str) -> None:
    """Serve until a signal; what is still being opened then is let go."""
    told, opened = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()
    doors = None
    with told_to_end(loop, lambda _: told.set()) as end:
        if inherited:
            doors, parent = doors_of(inherited)
            loop.add_reader(
                parent, end, 0
            )  # nothing is ever written there: it is closed when the parent ends
        work = asyncio.create_task(_work(settings, files, told, opened, doors))
        waiting = asyncio.create_task(told.wait())
        await asyncio.wait({work, waiting}, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        if not opened.is_set():
            work.cancel()
        try:
            await work
        except asyncio.CancelledError:
            if not told.is_set():
                raise


async def _work(
    settings: Settings,
    files: int,
    told: asyncio.Event,
    opened: asyncio.Event,
    doors: list[socket.socket] | None,
) -> None:
    ports = [settings.port or PORTS[0]]
    if settings.internal_port is not None:
        ports.append(settings.internal_port)
    built = assemble(settings)
    async with built.running():
        opened.set()
        doors = doors or [door_at(settings.host, port) for port in ports]
        await serve_at(
            [Listening(app, door) for app, door in zip(built.apps, doors, strict=True)],
            told,
            connections=min(settings.connections, files - OTHER_FILES),
            per_address=settings.connections_per_address,
            grace=GRACE,
            ending=built.streams.end,
        )
