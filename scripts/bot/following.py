"""Follows a queue or the stream of events: each event once and in order, until cancelled.

Only what was missing, and is sent again, comes late: after what stands behind it in the log.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from typing import Any

import orjson
from aiormq.exceptions import ChannelNotFoundEntity
from faststream.rabbit.annotations import RabbitMessage

from kit.broker.amqp.address import parse
from kit.broker.amqp.channel import Channel, Rejected
from kit.errors import Refused
from projections.notary.seals import SEALED
from scripts.bot.deliveries import (
    CONNECT_SECONDS,
    TROUBLE,
    Offset,
    deliveries,
    newest,
    of_queue,
    of_stream,
    offset_of,
)
from scripts.bot.position import StreamPosition, offset_for
from scripts.cli.refusals import why

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 5.0
"""Seconds before the broker is tried again."""

type Handle = Callable[[dict[str, Any], bytes], Awaitable[None]]
"""Does something with an event, given as it is and as its bytes; between its last change and its return it
waits for nothing, so that a place that is kept is kept with what was done."""


class StreamFollower:
    """Follows a queue or the stream, and knows where to take it up after an interruption.

    Args:
        url: of the broker.
        place: how far it is; notes what was handled.
        handle: gets each event once.
        tell: says something about the follower itself.
        queue: name of a durable queue of its own; None: the stream.
        late: gets what comes late instead; None: `handle` does.
    """

    def __init__(
        self,
        url: str,
        place: StreamPosition,
        handle: Handle,
        tell: Callable[[str], None],
        queue: str | None = None,
        late: Handle | None = None,
    ) -> None:
        for client in ("aio_pika", "aiormq"):
            logging.getLogger(client).setLevel(logging.CRITICAL)  # we say ourselves, once, what goes wrong
        self._url = url
        self._queue = queue
        self._place = place
        self._handle_event = handle
        self._handle_late = late or handle
        self._tell = tell
        self._handled = 0
        self._met = False
        """Whether an event has come since this subscription began."""
        self._comes_late = False
        """Whether the event that was handled last was a late one."""
        self._searched_behind: int | None = None
        """Position after which the whole stream was looked through for what is missing."""

    async def follow(self) -> None:
        """Follow until cancelled; a broker that is away is waited for.

        Raises:
            Refused: the broker does not let us in at the first try.
        """
        pause, said, begun = FIRST_PAUSE, "", False
        while True:
            handled = self._handled
            try:
                await self.listen()
                reason = "the connection broke"
            except TROUBLE as error:
                reason = await _reason(self._url, error, begun=begun)
            begun = True
            if self._handled > handled:
                pause, said = FIRST_PAUSE, ""
            if reason != said:
                self._tell(f"waiting for RabbitMQ at {parse(self._url)}: {reason}")
                said = reason
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    async def listen(self) -> None:
        """Handle events until the connection ends; begin again elsewhere in the stream when needed."""
        while not await self._until_the_end():
            pass

    async def _until_the_end(self) -> bool:
        place = self._place
        offset = None if self._queue else await self._offset()
        subscription = (
            of_queue(self._queue) if self._queue else of_stream("first" if offset is None else offset)
        )
        expected = place.last[1] if place.last is not None and place.last[0] == offset else None
        self._met = False
        async with aclosing(deliveries(self._url, subscription)) as messages:
            async for message in messages:
                if expected is not None and message.message_id != expected:
                    place.last = None  # another stream under the same name: look by position
                    return False
                expected = None
                if not await self._handle(message):
                    return False
                await message.ack()
        return True

    async def _offset(self) -> Offset:
        after = self._place.after
        if self._place.last is not None:
            end = await newest(self._url, CONNECT_SECONDS)  # a stream that was made again may end before it
            return "first" if end is None else min(self._place.last[0], end[0])
        if after is None:
            return self._place.begin() or "next"
        if self._searched_behind == after:
            return "first"
        return offset_for(after, await newest(self._url))

    async def _handle(self, message: RabbitMessage) -> bool:
        """Handle an event; return False when others are missing before it and the stream may have them."""
        place = self._place
        try:
            event = orjson.loads(message.body)
            if event["type"] == SEALED:
                return not self._search_behind(int(event["data"]["position"]))
            verdict = place.judge(event)
        except (ValueError, TypeError, KeyError):
            self._tell("a message that is no event of a log was passed over")
            return True
        self._met = True
        if verdict == "seen":
            return True
        if verdict == "gap":
            after = place.after
            if self._queue is None and self._searched_behind != after:
                self._searched_behind, place.last = after, None
                return False
            self._tell(f"what was between positions {after} and {event['position']} is not there any more")
        if verdict == "late" and not self._comes_late:
            self._tell(f"what was missing comes now, from position {event['position']} on")
        self._comes_late = verdict == "late"
        await (self._handle_late if self._comes_late else self._handle_event)(event, message.body)
        place.take(event, offset_of(message.headers) if self._queue is None else None)
        if self._comes_late and not place.missing:
            self._tell("nothing is missing any more")
        self._handled += 1
        return True

    def _search_behind(self, sealed: int) -> bool:
        """Tell whether what a seal covers has to be looked for in the whole stream, and note that it is.

        A seal is for auditors and has no place among the events. But it says how long the log is: in a stream
        that was made late, one that is met before any event is may stand behind the events that are wanted.
        """
        after = self._place.after
        if self._queue or self._met or after is None or sealed <= after or self._searched_behind == after:
            return False
        self._searched_behind = after
        return True


async def _reason(url: str, error: Exception, *, begun: bool) -> str:
    """Say why there is no connection. Our own client asks, which understands what a broker answers.

    Raises:
        Refused: the broker says no at the first try: waiting would not help. Later it may be one that starts.
    """
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            channel = await Channel.connect(parse(url), "frankenjet bot", lambda _: None, lambda _: None)
    except Rejected as rejected:
        if rejected.code and not begun:
            raise Refused([f"RABBITMQ_URL or --url: RabbitMQ at {parse(url)}: {why(rejected)}"]) from None
        return str(why(rejected))
    except OSError as away:
        return str(why(away))
    await channel.close()
    if isinstance(error, ChannelNotFoundEntity):
        return "it has no stream of events yet: `frankenjet migrate --broker` makes it"
    return str(error) or type(error).__name__
