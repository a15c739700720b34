"""Connections of psycopg for work that takes its time: they end when their server falls silent."""

import asyncio
import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import psycopg

from kit.postgres.connect import STEADY, as_options
from kit.postgres.server_watch import QUESTION_SECONDS, wait_for_silence

CONNECT_SECONDS = 5
"""Time for a server to take a connection and greet."""

type Open = Callable[[], psycopg.Connection]


@contextmanager
def opening(dsn: str, name: str) -> Iterator[Open]:
    """Yield what opens connections; what they ask may take as long as the server answers somebody else.

    Args:
        dsn: address of the database.
        name: application name of the connections.

    Raises:
        TimeoutError: the server has fallen silent.
    """
    watch = _Watch(dsn, name)
    watching = threading.Thread(target=watch.run, name=f"{name} watch", daemon=True)

    def connect() -> psycopg.Connection:
        connection = psycopg.connect(
            dsn,
            connect_timeout=CONNECT_SECONDS,
            application_name=name,
            options=as_options(STEADY),
        )
        watch.opened.append(connection)
        return connection

    watching.start()
    try:
        yield connect
    except Exception as error:
        if watch.silent:
            raise TimeoutError("the server does not answer any more") from error
        raise
    finally:
        watch.end()
        watching.join()


class _Watch:
    """Asks the server again and again, in a thread with a loop of its own, since the other one waits."""

    def __init__(self, dsn: str, name: str) -> None:
        self._dsn = dsn
        self._name = name
        self._loop = asyncio.new_event_loop()
        self._told = asyncio.Event()
        self.opened: list[psycopg.Connection] = []
        self.silent = False

    def run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._look())

    def end(self) -> None:
        """Let the thread end; it may be called from another one."""
        with suppress(RuntimeError):  # it has ended
            self._loop.call_soon_threadsafe(self._told.set)

    async def _look(self) -> None:
        told = asyncio.create_task(self._told.wait())
        await asyncio.wait({told}, timeout=QUESTION_SECONDS)  # most work is done before that
        quiet = asyncio.create_task(wait_for_silence(self._dsn, self._name))
        await asyncio.wait({told, quiet}, return_when=asyncio.FIRST_COMPLETED)
        self.silent = quiet.done() and quiet.exception() is None
        if self.silent:
            for connection in self.opened:
                _shut(connection)
        for task in (told, quiet):
            task.cancel()
        await asyncio.gather(told, quiet, return_exceptions=True)


def _shut(connection: psycopg.Connection) -> None:
    """End a connection for the thread that waits at it, which alone may close it."""
    with suppress(OSError, psycopg.Error), socket.socket(fileno=os.dup(connection.fileno())) as held:
        held.shutdown(socket.SHUT_RDWR)
