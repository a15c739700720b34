"""`frankenjet bot`: prints what happens, in words, as RabbitMQ delivers it."""

import asyncio
import logging
import sys
from collections.abc import Callable
from contextlib import aclosing
from datetime import datetime

import orjson
from aiormq.exceptions import ChannelNotFoundEntity
from faststream.rabbit.annotations import RabbitMessage

from kit.broker.amqp.address import parse
from kit.broker.amqp.channel import Channel, Rejected
from kit.clock import now
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
from scripts.bot.names import Names
from scripts.bot.position import StreamPosition, offset_for
from scripts.bot.teller import OutputGoneError, Teller
from scripts.bot.words import printable, sentence
from scripts.cli.refusals import why

__all__ = ["bot", "sentence"]

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 5.0
"""Seconds before the broker is tried again."""

type PrintLine = Callable[[str], None]


async def bot(
    *,
    url: str,
    queue: str | None = None,
    after: int | None = None,
    names_from: str | None = None,
    token: str | None = None,
    json_output: bool = False,
    show: PrintLine | None = None,
    tell: PrintLine | None = None,
) -> None:
    """Print each event once and in order, until cancelled; a broker that is away is waited for.

    Without a queue it follows the stream, from now on or from a position, and takes it up again where it was:
    nothing is missed while it runs, and nothing has to be declared. With a queue, nothing is missed while
    it is away either, from the first start on.

    Args:
        url: amqp:// or amqps:// address.
        queue: name of a durable queue of its own.
        after: show everything after this position first; not together with a queue.
        names_from: base URL of the API that tells names of accounts, and titles that no event has told yet.
        token: bearer token for it.
        json_output: print the CloudEvents, one a line, instead of sentences.
        show: prints a line; default: standard output.
        tell: says something about the bot itself; default: standard error.

    Raises:
        Refused: there is no URL, the options contradict each other, or the broker does not let us in.
    """
    if not url:
        raise Refused(["RABBITMQ_URL: it is not set, and --url is not given: the bot needs a broker"])
    if queue is not None and after is not None:
        raise Refused(["--after replays the stream, and --queue has a place of its own: give one of them"])
    for client in ("aio_pika", "aiormq"):
        logging.getLogger(client).setLevel(logging.CRITICAL)  # we say ourselves, once, what goes wrong
    tell = tell or _err
    names = Names(names_from, token or "") if names_from else None
    teller = Teller(names, show or _out, json_output=json_output)
    listener = _Listener(url, queue, StreamPosition(after), teller, tell)
    pause, said, begun = FIRST_PAUSE, "", False
    while True:
        shown = teller.shown
        try:
            await listener.listen()
            reason = "the connection broke"
        except TROUBLE as error:
            reason = await _reason(url, error, begun=begun)
        except OutputGoneError:
            return
        begun = True
        if teller.shown > shown:
            pause, said = FIRST_PAUSE, ""
        if reason != said:
            tell(f"waiting for RabbitMQ at {parse(url)}: {reason}")
            said = reason
        await asyncio.sleep(pause)
        pause = min(pause * 2, LONGEST_PAUSE)


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


class _Listener:
    """Follows a queue or the stream, and knows where to take it up after an interruption."""

    def __init__(
        self, url: str, queue: str | None, place: StreamPosition, teller: Teller, tell: PrintLine
    ) -> None:
        self._url = url
        self._queue = queue
        self._place = place
        self._teller = teller
        self._tell = tell
        self._began_at: datetime | None = None
        self._last: tuple[int, str] | None = None
        """Offset and id of the message that was shown last, if it came from the stream."""
        self._met = False
        """Whether an event has come since this subscription began."""
        self._searched_behind: int | None = None
        """Position after which the whole stream was looked through for what is missing."""

    async def listen(self) -> None:
        """Show events until the connection ends; begin again elsewhere in the stream when that is needed."""
        while not await self._until_the_end():
            pass

    async def _until_the_end(self) -> bool:
        subscription = of_queue(self._queue) if self._queue else of_stream(await self._offset())
        expected = self._last[1] if self._last else None
        self._met = False
        async with aclosing(deliveries(self._url, subscription)) as messages:
            async for message in messages:
                if expected is not None and message.message_id != expected:
                    self._last = None  # another stream under the same name: look by position
                    return False
                expected = None
                if not await self._handle(message):
                    return False
                await message.ack()
        return True

    async def _offset(self) -> Offset:
        after = self._place.after
        if self._last is not None:
            return self._last[0]
        if after is None:
            first, self._began_at = self._began_at is None, self._began_at or now()
            return "next" if first else self._began_at
        if self._searched_behind == after:
            return "first"
        return offset_for(after, await newest(self._url))

    async def _handle(self, message: RabbitMessage) -> bool:
        """Show an event; return False when others are missing before it and the stream may have them."""
        try:
            event = orjson.loads(message.body)
            if event["type"] == SEALED:
                return not self._search_behind(int(event["data"]["position"]))
            verdict = self._place.judge(event)
        except (ValueError, TypeError, KeyError):
            self._tell("a message that is no event of a log was passed over")
            return True
        self._met = True
        if verdict == "seen":
            return True
        if verdict == "gap":
            after = self._place.after
            if self._queue is None and self._searched_behind != after:
                self._searched_behind, self._last = after, None
                return False
            self._tell(f"what was between positions {after} and {event['position']} is not there any more")
        await self._teller.show(event, message.body)
        self._place.take(event)
        if self._queue is None:
            self._last = (offset_of(message.headers), message.message_id)
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


def _out(line: str) -> None:
    print(line, flush=True)


def _err(line: str) -> None:
    print(printable(line), file=sys.stderr, flush=True)
