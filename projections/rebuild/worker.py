"""A worker process of a rebuild: fills slices one after the other over one connection, and gives way."""

import asyncio
import atexit
import importlib
import os
import threading
from contextlib import AsyncExitStack, suppress
from functools import cache
from multiprocessing.connection import Connection as MultiprocessingConnection
from typing import NamedTuple

from events.codec import Codec
from kit.collector import collect_seldom
from kit.postgres.connect import Connection
from kit.postgres.server_watch import watched_connection
from kit.running.priority import give_way
from projections.builds.generation import Generation
from projections.projection import Projection
from projections.rebuild.fill import COPYING, fill
from projections.rebuild.slices import Slice

POLITE = 10
"""Niceness of whatever fills a read model that others do not wait for."""


class BuildModule(NamedTuple):
    """Where a worker process finds what it needs: importable names, since functions do not travel."""

    module: str
    """Module that holds the tuple of projections and the codec."""
    projections: str = "PROJECTIONS"
    codec: str = "CODEC"

    def projection(self, name: str) -> Projection:
        found: tuple[Projection, ...] = getattr(importlib.import_module(self.module), self.projections)
        return next(one for one in found if one.name == name)

    def reader(self) -> Codec:
        found: Codec = getattr(importlib.import_module(self.module), self.codec)
        return found


def polite() -> None:
    """Let others on this machine go first, from now on; children inherit it."""
    if os.getpriority(os.PRIO_PROCESS, 0) < POLITE:
        os.setpriority(os.PRIO_PROCESS, 0, POLITE)


def begin_worker(over: MultiprocessingConnection) -> None:
    """Prepare a worker: processes that serve go first, and it ends with the run that started it.

    Args:
        over: its other end is held by that run alone.
    """
    os.setsid()  # Linux may compare its niceness with those of its session alone
    give_way(POLITE)

    def watch() -> None:
        with suppress(EOFError, OSError):
            over.recv()
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
    collect_seldom()


def fill_slice(dsn: str, made: BuildModule, generation: Generation, slice_: Slice) -> int:
    """Fill one slice in a worker process; return the count of its events."""
    return _worker(dsn).fill(made, generation, slice_)


class _Worker:
    """Keeps its connection from slice to slice: for a new one the server reads its catalogues again."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._runner = asyncio.Runner()
        self._opened = AsyncExitStack()
        self._connection: Connection = None
        atexit.register(self._close)

    def fill(self, made: BuildModule, generation: Generation, slice_: Slice) -> int:
        return self._runner.run(self._fill(made, generation, slice_))

    async def _fill(self, made: BuildModule, generation: Generation, slice_: Slice) -> int:
        if self._connection is None:
            opening = watched_connection(self._dsn, "frankenjet rebuild", **COPYING)
            self._connection = await self._opened.enter_async_context(opening)
        projection = made.projection(generation.model)
        try:
            return await fill(self._connection, made.reader(), projection, generation.schema, slice_)
        except BaseException as error:
            self._connection = None
            await self._opened.__aexit__(type(error), error, error.__traceback__)
            raise

    def _close(self) -> None:
        self._runner.run(self._opened.aclose())
        self._runner.close()


@cache
def _worker(dsn: str) -> _Worker:
    return _Worker(dsn)
