"""Connections that last: WebSockets and event streams, counted, bounded, and ended when the process ends."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import contextmanager

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.responses import StreamingResponse
from starlette.types import Scope

from kit.errors import Problem
from kit.http.addresses import address_of
from kit.http.edge.connections import Ends, cut_those, ends_of
from kit.problem_types import TOO_MANY_STREAMS

PER_ADDRESS = 64
"""Lasting connections from one address."""

SEND_SECONDS = 10.0
"""Time in which a client has to take what it is sent; then its connection is cut."""

WEBSOCKET, EVENTS = "websocket", "events"

EVENT_STREAM = b"text/event-stream"
"""Media type of an answer that lasts."""


LAST_SECONDS = 0.05
"""Of an event stream that is opened while the process ends: its beginning goes out."""

TOGETHER = 0.1
"""Seconds in which those who do not read are gathered: to find their connections takes a look at all."""


class NotRead(Exception):  # noqa: N818 - it says what is so
    """A client has not taken in time what it was sent; its connection is cut."""


def is_only(error: BaseException, kind: type[Exception]) -> bool:
    """Say whether an error is of a kind, or a group of such errors and no others."""
    if isinstance(error, BaseExceptionGroup):
        return error.split(kind)[1] is None
    return isinstance(error, kind)


class TooMany(Exception):  # noqa: N818 - it says what is so
    """An address has as many as it may. No handler of the framework knows this, so it comes to the edge."""


def too_many() -> Problem:
    """Return the refusal of one more."""
    return Problem(
        TOO_MANY_STREAMS,
        detail="Close one that is not used.",
        headers={"Retry-After": "5"},
    )


class LongAnswer:
    """One that is open."""

    ended = False
    """The process ends, so its task was cancelled."""

    def __init__(self, task: asyncio.Task[object]) -> None:
        self.task = task

    def end(self) -> None:
        self.ended = True
        self.task.cancel()


class LongAnswers(Collector):
    """All that are open in a process.

    Args:
        per_address: from one address, or network of IPv6.
        send_seconds: time in which a client has to take what it is sent.
    """

    def __init__(self, per_address: int = PER_ADDRESS, send_seconds: float = SEND_SECONDS) -> None:
        self.send_seconds = send_seconds
        self._per_address = per_address
        self._of_address: Counter[str] = Counter()
        self._open: set[LongAnswer] = set()
        self._ending = False
        self._unread: set[Ends] = set()
        self._counted = {WEBSOCKET: 0, EVENTS: 0}
        self._opened = {WEBSOCKET: 0, EVENTS: 0}

    @contextmanager
    def opened(self, kind: str, scope: Scope, task: asyncio.Task[object]) -> Iterator[LongAnswer]:
        """Count one while it is open.

        Args:
            kind: `WEBSOCKET` or `EVENTS`.
            scope: of its request.
            task: is cancelled when the process ends.

        Raises:
            TooMany: its address has too many, or the process ends and it is a WebSocket. An event stream
                begins even then, and ends at once: a browser that is refused one does not ask again.
        """
        address = address_of(scope)
        ending = self._ending and kind == WEBSOCKET
        if ending or self._of_address[address] >= self._per_address:
            raise TooMany
        stream = LongAnswer(task)
        if self._ending:
            asyncio.get_running_loop().call_later(LAST_SECONDS, stream.end)
        self._open.add(stream)
        self._of_address[address] += 1
        self._counted[kind] += 1
        self._opened[kind] += 1
        try:
            yield stream
        finally:
            self._open.discard(stream)
            self._counted[kind] -= 1
            self._of_address[address] -= 1
            if not self._of_address[address]:
                del self._of_address[address]

    def cut(self, scope: Scope) -> None:
        """Cut the connection of a client that does not read, whatever it sends meanwhile."""
        client, server = scope.get("client"), scope.get("server")
        if not client or not server:
            return
        if not self._unread:
            asyncio.get_running_loop().call_later(TOGETHER, self._cut_unread)
        self._unread.add(ends_of(client, server))

    def _cut_unread(self) -> None:
        unread, self._unread = self._unread, set()
        cut_those(unread)

    def end(self) -> None:
        """End all of them now, and those that are still opened as soon as they have begun."""
        self._ending = True
        for stream in list(self._open):
            stream.end()

    def collect(self) -> Iterator[Metric]:
        now = GaugeMetricFamily("http_open_streams", "Lasting connections that are open.", labels=["kind"])
        total = CounterMetricFamily("http_streams", "Lasting connections that were opened.", labels=["kind"])
        for kind, count in self._counted.items():
            now.add_metric([kind], count)
            total.add_metric([kind], self._opened[kind])
        yield now
        yield total


async def event_stream(pieces: AsyncGenerator[bytes]) -> StreamingResponse:
    """Return the answer that is an event stream, once its first piece is there.

    Args:
        pieces: closed with the answer; what the first one raises is raised here, before anything is sent.
    """
    first = await anext(pieces)

    async def whole() -> AsyncIterator[bytes]:
        try:
            yield first
            async for piece in pieces:
                yield piece
        finally:
            await pieces.aclose()

    return StreamingResponse(whole(), media_type=EVENT_STREAM.decode(), headers={"Cache-Control": "no-store"})
