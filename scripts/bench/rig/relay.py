"""A way to a Unix socket that takes its time when it is told to: what a slow network does to a cache."""

import asyncio
from contextlib import suppress
from types import TracebackType
from typing import Self

from kit.running.ending import end


class Relay:
    """Listens on a free port of the loopback and passes bytes on to one Unix socket.

    Args:
        target: path of the socket; while nobody listens there, connections are broken off.
    """

    def __init__(self, target: str) -> None:
        self.port = 0
        self.delay = 0.0
        """Seconds that each answer is held back."""
        self._target = target
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        """Address of the Redis behind it."""
        return f"redis://127.0.0.1:{self.port}/0"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is not None:
            self._server.close()
        await end(*self._tasks)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far_writer = await asyncio.open_unix_connection(self._target)
        except OSError:
            writer.transport.abort()
            return
        both = (writer, far_writer)
        for source, sink, answers in ((reader, far_writer, False), (far_reader, writer, True)):
            task = asyncio.create_task(self._pass_on(source, sink, both, answers=answers))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _pass_on(
        self,
        source: asyncio.StreamReader,
        sink: asyncio.StreamWriter,
        both: tuple[asyncio.StreamWriter, asyncio.StreamWriter],
        *,
        answers: bool,
    ) -> None:
        with suppress(OSError, RuntimeError):  # uvloop says so of what was closed meanwhile
            while data := await source.read(65_536):
                if answers and self.delay:
                    await asyncio.sleep(self.delay)
                sink.write(data)
                await sink.drain()
        for writer in both:
            writer.transport.abort()
