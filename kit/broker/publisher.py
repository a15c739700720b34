"""Publishes to RabbitMQ in windows, in order, and knows exactly how far the broker has it."""

import asyncio
import ssl
from collections import deque
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Self

from pamqp import commands
from pamqp.header import ContentHeader

from kit.broker.amqp.address import parse
from kit.broker.amqp.channel import Channel
from kit.broker.amqp.confirms import Confirms
from kit.broker.amqp.wire import Frame, Message, encode
from kit.broker.not_confirmed import Lost, NotConfirmed, NotTaken, TimedOut, Unroutable

__all__ = [
    "EXCHANGE",
    "LOG",
    "Lost",
    "Message",
    "NotConfirmed",
    "NotTaken",
    "Publisher",
    "TimedOut",
    "Unroutable",
]

EXCHANGE = "frankenjet.events"
"""Topic exchange that every event goes to."""

LOG = "frankenjet.events.log"
"""Stream queue that keeps every event, for those who come later."""


class Publisher:
    """One channel in confirm mode. Messages are numbered 1, 2, 3 … from the publisher's first.

    `confirmed` is the number up to which every message is safe. After any doubt the publisher is dead.
    """

    def __init__(self, patience: float) -> None:
        self._patience = patience
        self._confirms = Confirms()
        self._failure: NotConfirmed | None = None
        self._doubt: tuple[type[NotConfirmed], str] | None = None
        self._returned = ""
        self._windows: deque[tuple[int, list[str]]] = deque()
        self._waiting: list[tuple[int, asyncio.Future[None]]] = []
        self._progress_at = 0.0
        self.on_blocked: Callable[[str], None] | None = None
        """Told why nothing is confirmed while the broker blocks publishers, and that is waited out then."""
        self._alarm: asyncio.TimerHandle | None = None
        self._loop = asyncio.get_running_loop()
        self._channel: Channel

    @classmethod
    async def connect(
        cls,
        url: str,
        *,
        name: str = "frankenjet",
        expects: str = "",
        fence: str = "",
        patience: float = 10.0,
        tls: ssl.SSLContext | None = None,
    ) -> Self:
        """Connect and open a channel in confirm mode.

        Args:
            url: amqp:// or amqps:// address; see `kit.broker.amqp.address.parse`.
            name: shown in the broker's list of connections.
            expects: a queue that must be there and up: `mandatory` is content with any other one.
            fence: a queue that nobody else may have until the broker has routed all that we sent.
            patience: seconds that connecting may take, and later the longest time without a confirm
                while some are due.
            tls: context for amqps; None: the system's certificates.

        Raises:
            OSError: when the broker cannot be reached, says no (`Rejected`, `InUse`), or takes too long.
            ValueError: when the URL is none.
        """
        publisher = cls(patience)
        address = parse(url)
        try:
            async with asyncio.timeout(patience):
                publisher._channel = await Channel.connect(
                    address, name, publisher._receive, publisher._lose, tls=tls, expects=expects, fence=fence
                )
        except TimeoutError:
            raise TimeoutError(f"{address}: no connection within {patience:g} seconds") from None
        return publisher

    @property
    def sent(self) -> int:
        return self._confirms.sent

    @property
    def confirmed(self) -> int:
        return self._confirms.contiguous

    async def publish(self, window: Sequence[Message]) -> None:
        """Send messages in order and wait until the broker has every one of them.

        Raises:
            NotConfirmed: `Unroutable`, `Refused`, `TimedOut` or `Lost`.
        """
        await self.settled(self.send(window))

    def send(self, window: Sequence[Message]) -> int:
        """Send messages in one write, wait for nothing, and return the number of the last one.

        The caller bounds what is on its way: wait for an earlier window before sending the next but one.

        Raises:
            NotConfirmed: when the publisher is dead.
            ValueError: when a message cannot be written; none of the window is sent then.
        """
        if self._failure is not None:
            raise self._failure
        if window:
            frame_max = self._channel.frame_max
            data = b"".join([encode(message, frame_max) for message in window])
            if self._confirms.sent == self._confirms.contiguous:
                self._progress_at = self._loop.time()
            self._windows.append((self._confirms.sent + 1, [message.message_id for message in window]))
            self._confirms.sent += len(window)
            self._channel.write(data)
            if self._alarm is None:
                self._alarm = self._loop.call_later(self._patience, self._check_progress)
        return self._confirms.sent

    async def settled(self, number: int) -> None:
        """Wait until each message up to this number is confirmed.

        Raises:
            NotConfirmed: when that can no longer be known.
        """
        if self._confirms.contiguous >= number:
            return
        if self._failure is not None:
            raise self._failure
        waiting = (number, self._loop.create_future())
        self._waiting.append(waiting)
        try:
            await waiting[1]
        finally:
            self._waiting.remove(waiting)

    async def close(self) -> None:
        """Let go of the connection, within about two seconds at most."""
        self._fail(Lost, "the publisher was closed")
        await self._channel.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def _receive(self, frame: Frame) -> None:
        match frame:
            case commands.Basic.Ack():
                self._confirms.confirm(frame.delivery_tag, multiple=frame.multiple)
                self._progress()
            case commands.Basic.Nack():
                self._confirms.refuse(frame.delivery_tag, multiple=frame.multiple)
                self._doubt = self._doubt or (NotTaken, "the broker could not take a message")
                self._progress()
            case commands.Basic.Return():
                where = f"{frame.exchange} with key {frame.routing_key}"
                self._returned = f"a message to {where} came back: {frame.reply_text}"
            case ContentHeader():
                self._confirms.refuse(self._number_of(frame.properties.message_id))
                self._doubt = self._doubt or (Unroutable, self._returned)
                self._progress()

    def _progress(self) -> None:
        """Wake those whose messages are safe; end when the first refused message is reached."""
        reached = self._confirms.contiguous
        self._progress_at = self._loop.time()
        while self._windows and self._windows[0][0] + len(self._windows[0][1]) <= reached:
            self._windows.popleft()
        for number, waiter in self._waiting:
            if number <= reached and not waiter.done():
                waiter.set_result(None)
        if self._doubt is not None and self._confirms.refused:
            self._fail(*self._doubt)

    def _number_of(self, message_id: str | None) -> int:
        """Find a returned message; one that cannot be found counts as the first that is open."""
        for first, ids in self._windows:
            for number, known in enumerate(ids, first):
                if known == message_id and number > self._confirms.contiguous:
                    return number
        return self._confirms.contiguous + 1

    def _check_progress(self) -> None:
        self._alarm = None
        if self._confirms.sent == self._confirms.contiguous:
            return
        left = self._progress_at + self._patience - self._loop.time()
        if left > 0:
            self._alarm = self._loop.call_later(left, self._check_progress)
            return
        blocked = f"; the broker blocks publishers: {self._channel.blocked}" if self._channel.blocked else ""
        reason = f"nothing was confirmed for {self._patience:g} seconds{blocked}"
        if blocked and self.on_blocked is not None:
            self.on_blocked(reason)
            self._alarm = self._loop.call_later(self._patience, self._check_progress)
        else:
            self._fail(TimedOut, reason)

    def _lose(self, reason: str) -> None:
        self._fail(Lost, reason)

    def _fail(self, kind: type[NotConfirmed], reason: str) -> None:
        if self._failure is not None:
            return
        self._failure = kind(reason, confirmed=self._confirms.contiguous)
        if self._alarm is not None:
            self._alarm.cancel()
        for _, waiter in self._waiting:
            if not waiter.done():
                waiter.set_exception(self._failure)
        if kind is not Lost:
            self._channel.abort(reason)
