"""The two ends of one exchange: the body that comes in, counted and timed, and the answer that goes out."""

import asyncio
from collections.abc import Awaitable
from contextlib import ExitStack, suppress

from starlette.exceptions import HTTPException
from starlette.types import Message, Receive, Scope, Send

from kit.http.edge.deadlines import Deadlines, Expired
from kit.http.edge.direct import DirectSend, offer
from kit.http.edge.streams import EVENT_STREAM, EVENTS, LongAnswer, LongAnswers, NotRead
from kit.http.edge.whole import common_headers

_NO_STORE = (b"cache-control", b"no-store")
_CLOSE = (b"connection", b"close")


AT_ONCE = 64 * 1024
"""Bytes of an answer that are handed to the server at once: it copies them, and takes them whether or not the
client reads. What is larger is handed over in pieces, of which it takes another when the client has read."""

PIECE = 16 * 1024
"""Bytes of a piece; the server holds up to four of them."""


_END_SECONDS = 0.3
"""Time for the end of an event stream to go out to a client that may not read."""


class BodyTooLarge(HTTPException):
    """An HTTPException so that the framework's own body reader lets it pass."""


class BodyTooSlow(HTTPException):
    """The same for a body that does not arrive in time."""


class BodyLimit:
    """A `receive` that refuses a body as soon as it is too large or too late; nothing is kept back.

    Args:
        receive: the server's channel.
        announced: bytes of the body by its headers; -1: unknown.
        limit: bytes that it may have.
        seconds: time within which the whole of it has to arrive.
        deadlines: what ends the wait.

    Raises:
        BodyTooLarge: when already the headers say so.
    """

    __slots__ = ("_deadline", "_deadlines", "_left", "_receive", "whole")

    def __init__(
        self, receive: Receive, announced: int, limit: int, seconds: float, deadlines: Deadlines
    ) -> None:
        if announced > limit:
            raise BodyTooLarge(413)
        self._receive = receive
        self._left = limit
        self._deadline = asyncio.get_running_loop().time() + seconds
        self._deadlines = deadlines
        self.whole = False

    def allow_seconds(self, seconds: float) -> None:
        """Let the whole body take so long from now, since its route says so."""
        self._deadline = asyncio.get_running_loop().time() + seconds

    async def __call__(self) -> Message:
        """Return the next message.

        Raises:
            BodyTooLarge: when more bytes came than allowed.
            BodyTooSlow: when the body is not there in time.
        """
        if self.whole:
            return await self._receive()
        try:
            message = await self._deadlines.until(self._deadline, self._receive())
        except Expired:
            raise BodyTooSlow(408) from None
        self._left -= len(message.get("body", b""))
        if self._left < 0:
            raise BodyTooLarge(413)
        self.whole = not message.get("more_body", False)
        return message


class Outgoing:
    """A `send` that completes the headers of an answer and remembers what went out.

    Args:
        send: the server's channel.
        scope: of the request.
        streams: counts, bounds and ends those answers that are event streams.
        deadlines: ends the wait for who does not read one.
    """

    request_id = ""
    status = 0
    size = 0
    """Bytes of body sent."""
    finished = False
    private = False
    """The request carried Authorization or a cookie of ours: nobody may store the answer, unless the
    application says so."""
    closes = True
    """The connection ends after this answer, since nobody knows what of the request is still to come."""
    incoming: BodyLimit | None = None
    """The body of the request; once it is whole, the connection can go on."""
    lasting = False
    """It is an event stream: how long it lasts says nothing."""
    _stream: LongAnswer | None = None
    _leaving: ExitStack | None = None
    _bodiless: asyncio.Event | None = None
    _direct: DirectSend | None = None

    def __init__(self, send: Send, scope: Scope, streams: LongAnswers, deadlines: Deadlines) -> None:
        self._send = send
        self._scope = scope
        self._streams = streams
        self._deadlines = deadlines
        self._task = asyncio.current_task()

    def __call__(self, message: Message) -> Awaitable[None]:
        kind, size = message["type"], 0
        if kind == "http.response.start":
            message = self._begun(message)
        elif kind == "http.response.body":
            if self._bodiless is not None:
                return self._end(self._bodiless)
            self.finished = not message.get("more_body", False)
            size = len(message.get("body", b""))
            self.size += size
        if size > AT_ONCE:
            sending: Awaitable[None] = in_pieces(self._send, message["body"], last=self.finished)
        else:
            sending = self._send(message)
            if kind == "http.response.start" and self._direct is not None:
                self._direct.knows(sending)
        return sending if self._stream is None else self._to_reader(sending)

    def _begun(self, message: Message) -> Message:
        """Return the beginning of an answer with all its headers, in one pass over those that it has.

        Raises:
            TooMany: it is an event stream, and its address has too many.
        """
        given = message.get("headers", ())
        has_policy = has_control = False
        for name, value in given:
            if name == b"content-type" and value.startswith(EVENT_STREAM) and self._task is not None:
                self._enter(self._task)
            elif name == b"content-security-policy":
                has_policy = True
            elif name == b"cache-control":
                has_control = True
        self.status = message["status"]
        headers = [
            *given,
            *common_headers(self._scope, has_policy=has_policy),
            (b"x-request-id", self.request_id.encode()),
            *self._scope["state"].get("told", ()),
        ]
        if self.private and not has_control:
            headers.append(_NO_STORE)
        if self.closes and (self.incoming is None or not self.incoming.whole):
            headers.append(_CLOSE)
        return {**message, "headers": headers}

    def _enter(self, task: asyncio.Task[object]) -> None:
        """Count it as an event stream.

        Raises:
            TooMany: its address has too many.
        """
        with ExitStack() as stack:
            self._stream = stack.enter_context(self._streams.opened(EVENTS, self._scope, task))
            self.lasting = True
            if self._bodiless is None:
                self._direct = DirectSend(self._send, self._to_reader)
                offer(self._scope, self._direct)
            self._leaving = stack.pop_all()

    async def _to_reader(self, sending: Awaitable[None]) -> None:
        """Send a part of an event stream.

        Raises:
            NotRead: its client does not read; the connection is cut.
        """
        until = asyncio.get_running_loop().time() + self._streams.send_seconds
        try:
            await self._deadlines.until(until, sending)
        except Expired:
            self._streams.cut(self._scope)
            raise NotRead from None

    async def ended(self) -> bool:
        """After a cancellation: say whether it is an event stream that the process ends, and then end it."""
        if self._stream is None or not self._stream.ended or self._task is None:
            return False
        self._task.uncancel()
        if not self.finished:
            with suppress(Exception):
                async with asyncio.timeout(_END_SECONDS):
                    await self._send({"type": "http.response.body", "body": b""})
        return True

    def leave(self) -> None:
        """Count it no longer."""
        if self._leaving is not None:
            self._leaving.close()
        if self._direct is not None:
            self.size += self._direct.size

    def without_body(self, receive: Receive) -> Receive:
        """Answer HEAD: the headers go out as for GET, the body does not.

        Returns:
            A `receive` that reports a disconnect once the answer is complete, which ends endless streams.
        """
        ended = self._bodiless = asyncio.Event()
        asked = False

        async def next_message() -> Message:
            nonlocal asked
            if not asked:
                asked = True
                return await receive()
            await ended.wait()
            return {"type": "http.disconnect"}

        return next_message

    async def _end(self, ended: asyncio.Event) -> None:
        if not self.finished:
            self.finished = True
            await self._send({"type": "http.response.body", "body": b""})
        ended.set()


async def in_pieces(send: Send, body: bytes, *, last: bool = True) -> None:
    """Send a body that is too large to be handed over at once; `last`: nothing of it comes after this."""
    for at in range(0, len(body), PIECE):
        more = not last or at + PIECE < len(body)
        await send({"type": "http.response.body", "body": body[at : at + PIECE], "more_body": more})
