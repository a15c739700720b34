"""Looks into a stream of events, over one connection that stays: is it there, and what stands in it."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Any, NamedTuple, Self
from uuid import UUID

from aio_pika.abc import AbstractConnection, AbstractIncomingMessage
from aio_pika.exceptions import AMQPChannelError, AMQPError, ChannelNotFoundEntity

from kit.broker.connecting import connection_to
from kit.broker.publisher import EXCHANGE, LOG
from kit.ids import parse_id

CONNECT_SECONDS = 5
"""Longest time that connecting may take."""

GOODBYE = 1.0
"""Seconds that a polite goodbye may take."""

BACK = 1_500
"""Messages looked at: after a crash of the forwarder the last thousand may be copies of earlier ones."""

LOOKS = 10
"""Further and further back, while there are none but seals and events of other logs."""

QUIET = 0.5
"""Seconds without a message after which a stream has none to show."""


PLACE, PLACE_AMONG_PUBLIC = "x-position", "x-sequence"
"""Headers that say where an event is: in the log, and among what readers may know."""


class StreamMessage(NamedTuple):
    """A message of the stream."""

    offset: int
    """Place in the stream: 0, 1, 2 … without a gap."""
    id: str
    position: int | None
    """Place of an event of the log that is asked for among all that are sent here: 1, 2, 3 … without a gap;
    None: a seal, or of another log."""
    recorded: int | None
    """Its position in the log."""


class NoStream(Exception):  # noqa: N818 - a state of the broker
    """There is no stream of this name."""


class Hidden(Exception):  # noqa: N818 - a state of the broker
    """Our login may not read the stream."""


class EventStream:
    """A stream queue of events, as one log's reader sees it.

    Every method raises ConnectionError or TimeoutError when the broker cannot be reached, NoStream when there
    is none, and Hidden when it is not ours to read.

    Args:
        url: amqp:// or amqps:// address.
        log_id: events of other logs, and what is no event, have no position.
        stream: name of the stream queue.
        exchange: what it is bound to.
        place: the header that says the place of an event.
    """

    def __init__(
        self, url: str, log_id: UUID, *, stream: str = LOG, exchange: str = EXCHANGE, place: str = PLACE
    ) -> None:
        self._url = url
        self._log = str(log_id)
        self._stream = stream
        self._exchange = exchange
        self._place = place
        self._connection: AbstractConnection | None = None
        self._may_declare = True

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.hang_up()

    async def hang_up(self) -> None:
        """Let go of the connection; the next question opens another one."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(AMQPError, OSError):
                async with asyncio.timeout(GOODBYE):
                    await connection.close()

    async def mended(self) -> int:
        """Make sure that the stream is there and bound to everything, where we may; return its messages.

        The broker counts them every few seconds.
        """
        if self._may_declare:
            try:
                async with _told(), (await self._open()).channel() as channel:
                    exchange = await channel.get_exchange(self._exchange, ensure=False)
                    queue = await channel.declare_queue(
                        self._stream,
                        durable=True,
                        arguments={"x-queue-type": "stream"},
                        timeout=CONNECT_SECONDS,
                    )
                    await queue.bind(exchange, "#", timeout=CONNECT_SECONDS)
                    return queue.declaration_result.message_count or 0
            except (NoStream, Hidden):  # no exchange, no right, or other arguments than ours: as it is
                self._may_declare = False
        try:
            async with _told(), (await self._open()).channel() as channel:
                queue = await channel.declare_queue(self._stream, passive=True, timeout=CONNECT_SECONDS)
                return queue.declaration_result.message_count or 0
        except NoStream:  # what stood in the way of it may be gone as well
            self._may_declare = True
            raise

    async def end(self) -> StreamMessage | None:
        """Return the last message; None: there is none."""
        newest = await self._messages("last", None)
        return newest[-1] if newest else None

    async def newest(self) -> list[StreamMessage]:
        """Return the messages at the end, as far back as an event of the log stands, or 15,000 of them."""
        last = await self.end()
        end = -1 if last is None else last.offset
        found: list[StreamMessage] = []
        for _ in range(LOOKS):
            begin = max(0, end + 1 - BACK)
            part = await self._upto(begin, end)
            found = part + found
            oldest = not part or part[0].offset > begin or begin == 0  # a policy may have removed older ones
            if oldest or any(one.position is not None for one in part):
                break
            end = begin - 1
        return found

    async def _upto(self, begin: int, end: int) -> list[StreamMessage]:
        if end < begin:
            return []
        part = await self._messages(begin, lambda one: one.offset >= end)
        return [one for one in part if one.offset <= end]

    async def since(
        self, offset: int, enough: Callable[[StreamMessage], bool], most: int
    ) -> list[StreamMessage]:
        """Return messages from an offset on, up to one that is enough, or until none comes, or so many."""
        return await self._messages(offset, enough, most)

    async def _messages(
        self, begin: int | str, enough: Callable[[StreamMessage], bool] | None, most: int = 2 * BACK
    ) -> list[StreamMessage]:
        """Return what stands in the stream from an offset on; without `enough`: in half a second."""
        arrived: asyncio.Queue[AbstractIncomingMessage] = asyncio.Queue()
        found: list[StreamMessage] = []
        async with _told(), (await self._open()).channel() as channel:
            await channel.set_qos(prefetch_count=BACK)
            queue = await channel.get_queue(self._stream, ensure=False)
            await queue.consume(arrived.put, arguments={"x-stream-offset": begin})
            with suppress(TimeoutError):
                # What is written to is never quiet.
                async with asyncio.timeout(QUIET if enough is None else None):
                    while len(found) < most and not (found and enough and enough(found[-1])):
                        message = await asyncio.wait_for(arrived.get(), QUIET)
                        found.append(self._stored(message))
                        await message.ack()
        return found

    def _stored(self, message: AbstractIncomingMessage) -> StreamMessage:
        headers: dict[str, Any] = dict(message.headers)
        id_ = message.message_id or ""
        ours = headers.get("x-logid") == self._log and "x-epoch" in headers  # a seal has none
        places = headers.get(self._place), headers.get(PLACE)
        # Others may write to the stream as well: what only looks like an event is none.
        whole = all(type(one) is int and one > 0 for one in places) and parse_id(id_) is not None
        position, recorded = places if ours and whole else (None, None)
        return StreamMessage(int(headers["x-stream-offset"]), id_, position, recorded)

    async def _open(self) -> AbstractConnection:
        if self._connection is None or self._connection.is_closed:
            self._may_declare = True
            self._connection = await connection_to(self._url, CONNECT_SECONDS)
        return self._connection


class _told:  # noqa: N801 - reads as what it does
    """Tells what the broker's refusals mean."""

    async def __aenter__(self) -> None:
        return

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, RuntimeError | StopAsyncIteration):  # it ended between two steps
            raise ConnectionError(f"the connection to the broker was lost: {error}") from error
        if isinstance(error, ChannelNotFoundEntity):
            raise NoStream(str(error)) from error
        if isinstance(error, AMQPChannelError):
            raise Hidden(str(error)) from error
        if isinstance(error, AMQPError) and not isinstance(error, ConnectionError):
            raise ConnectionError(f"the broker did not show its stream: {error}") from error
