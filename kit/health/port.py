"""Answers what machines ask about a process that serves nothing else, from a thread and a loop of its own."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import Future
from threading import Thread
from types import TracebackType
from typing import NamedTuple, Self

REQUEST_SECONDS = 5.0
"""Seconds for one request and its answer."""

LONGEST_HEAD = 8192
"""Bytes of a request; there is never a body."""

_WORDS = {
    200: "OK",
    400: "Bad Request",
    404: "Not Found",
    405: "Method Not Allowed",
    503: "Service Unavailable",
}


class HealthAnswer(NamedTuple):
    """What is said to one request."""

    status: int
    content_type: str
    body: bytes


type HealthAnswers = Mapping[str, Callable[[], Awaitable[HealthAnswer]]]
"""Path → what answers a GET of it; runs in the thread of the port."""


class HealthPort:
    """Listens for as long as it is entered.

    The loop of the process may hang: this one still answers, and can say so.

    Args:
        host: address to listen on.
        port: 0 is a free one.
        answers: what is asked here.
    """

    def __init__(self, host: str, port: int, answers: HealthAnswers) -> None:
        self.port = port
        self._host = host
        self._answers = answers
        self._over: Callable[[], object] = lambda: None
        self._thread: Thread | None = None

    def __enter__(self) -> Self:
        """Begin to listen.

        Raises:
            OSError: the port is taken, or not ours to take; and whatever else keeps it from listening.
        """
        listening: Future[int] = Future()
        self._thread = Thread(target=self._listen, args=(listening,), name="health port", daemon=True)
        self._thread.start()
        self.port = listening.result()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over()
        if self._thread is not None:
            self._thread.join(REQUEST_SECONDS)

    def _listen(self, listening: Future[int]) -> None:
        """Run the loop; what keeps it from listening is told to the one that waits for that."""
        try:
            asyncio.run(self._run(listening))
        except BaseException as error:
            if listening.done():
                raise
            listening.set_exception(error)

    async def _run(self, listening: Future[int]) -> None:
        over = asyncio.Event()
        loop = asyncio.get_running_loop()
        server = await asyncio.start_server(self._serve, self._host, self.port, limit=LONGEST_HEAD)
        self._over = lambda: loop.call_soon_threadsafe(over.set)
        listening.set_result(server.sockets[0].getsockname()[1])
        await over.wait()
        server.close()  # those that are being answered are cut off: the process ends

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(REQUEST_SECONDS):
                head = await reader.readuntil(b"\r\n\r\n")
                writer.write(await self._answer(head))
                await writer.drain()
        except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            return
        finally:
            writer.close()

    async def _answer(self, head: bytes) -> bytes:
        method, path = [*head.split(b"\r\n", 1)[0].split(b" "), b""][:2]
        wanted = self._answers.get(path.partition(b"?")[0].decode("latin-1"))
        if wanted is None:
            answer = HealthAnswer(404 if path.startswith(b"/") else 400, "text/plain", b"")
        elif method not in {b"GET", b"HEAD"}:
            answer = HealthAnswer(405, "text/plain", b"")
        else:
            answer = await wanted()
        lines = (
            f"HTTP/1.1 {answer.status} {_WORDS[answer.status]}",
            f"Content-Type: {answer.content_type}",
            f"Content-Length: {len(answer.body)}",
            "Cache-Control: no-store",
            "Connection: close",
            *(("Allow: GET, HEAD",) if answer.status == 405 else ()),  # noqa: PLR2004 - the name of it
            "\r\n",
        )
        return "\r\n".join(lines).encode() + (b"" if method == b"HEAD" else answer.body)
