"""A way to a server that does what networks do when it is told to: it is late, breaks, or says nothing."""

import asyncio
from contextlib import suppress
from types import TracebackType
from typing import Self

from kit.running.ending import end


class Relay:
    """Listens on a free port of the loopback and passes bytes on to one server.

    Args:
        target: path of its socket, or its host and port; connections that it does not take are broken off.

    Attributes:
        delay, delay_there: seconds that each answer, and each question, is held back.
        away: every connection is broken off that is opened.
        flowing: while it is not set, nothing gets through, and nobody is told.
    """

    def __init__(self, target: str | tuple[str, int]) -> None:
        self.port = 0
        self.delay = self.delay_there = 0.0
        self.away = False
        self.flowing = asyncio.Event()
        self.flowing.set()
        self._target = target
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._open: set[asyncio.StreamWriter] = set()

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
        self.reset()
        await end(*self._tasks)
        await asyncio.sleep(0)  # so that what was broken off is closed

    def reset(self) -> None:
        """Break off all connections."""
        for writer in self._open:
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if self.away:
                raise ConnectionRefusedError
            far_reader, far_writer = (
                await asyncio.open_unix_connection(self._target)
                if isinstance(self._target, str)
                else await asyncio.open_connection(*self._target)
            )
        except OSError:
            writer.transport.abort()
            return
        both = (writer, far_writer)
        self._open |= {*both}
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
                if late := self.delay if answers else self.delay_there:
                    await asyncio.sleep(late)
                await self.flowing.wait()
                sink.write(data)
                await sink.drain()
        await self.flowing.wait()
        for writer in both:
            writer.transport.abort()
        self._open -= {*both}
