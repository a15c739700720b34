"""The two ends of one exchange: the body that comes in, counted and timed, and the answer that goes out."""

import asyncio
from collections.abc import Awaitable

from starlette.exceptions import HTTPException
from starlette.types import Message, Receive, Send

_NO_STORE = (b"cache-control", b"no-store")


class BodyTooLarge(HTTPException):
    """An HTTPException so that the framework's own body reader lets it pass."""


class BodyTooSlow(HTTPException):
    """The same for a body that does not arrive in time."""


class BodyLimit:
    """A `receive` that refuses a body as soon as it is too large or too late; nothing is kept back or copied."""

    __slots__ = ("_deadline", "_left", "_limit", "_receive", "_whole")

    def __init__(self, receive: Receive, limit: int, seconds: float) -> None:
        self._receive = receive
        self._limit = self._left = limit
        self._deadline = asyncio.get_running_loop().time() + seconds
        self._whole = False

    async def __call__(self) -> Message:
        """Return the next message.

        Raises:
            BodyTooLarge: when more bytes came than allowed.
            BodyTooSlow: when the body is not there in time.
        """
        if self._whole:
            return await self._receive()
        try:
            async with asyncio.timeout_at(self._deadline):
                message = await self._receive()
        except TimeoutError:
            raise BodyTooSlow(408) from None
        self._left -= len(message.get("body", b""))
        if self._left < 0:
            raise self.exceeded(self._limit)
        self._whole = not message.get("more_body", False)
        return message

    @staticmethod
    def exceeded(limit: int) -> BodyTooLarge:
        """Return the refusal of a body with more than `limit` bytes."""
        return BodyTooLarge(413, f"The body is larger than {limit} bytes.")


class Answer:
    """A `send` that completes the headers of an answer and remembers what went out.

    Args:
        send: the server's channel.
        head: whether the request was HEAD: headers go out as for GET, the body does not.
    """

    __slots__ = ("_done", "_send", "extra", "finished", "head", "private", "size", "status")

    def __init__(self, send: Send, *, head: bool) -> None:
        self._send = send
        self._done: asyncio.Event | None = None
        self.head = head
        self.extra: list[tuple[bytes, bytes]] = []
        self.private = False
        """The request carried Authorization: nobody may store the answer unless the application says so."""
        self.status = 0
        self.size = 0
        self.finished = False

    def __call__(self, message: Message) -> Awaitable[None]:
        kind = message["type"]
        if kind == "http.response.start":
            self.status = message["status"]
            headers = [*message.get("headers", ()), *self.extra]
            if self.private and not any(name == b"cache-control" for name, _ in headers):
                headers.append(_NO_STORE)
            message = {**message, "headers": headers}
        elif kind == "http.response.body":
            if self.head:
                return self._end_head()
            self.size += len(message.get("body", b""))
            self.finished = not message.get("more_body", False)
        return self._send(message)

    async def _end_head(self) -> None:
        """Finish the answer to a HEAD at the first piece of body; what follows, even an endless stream, is dropped."""
        if not self.finished:
            self.finished = True
            await self._send({"type": "http.response.body", "body": b""})
        if self._done is not None:
            self._done.set()

    def until_finished(self, receive: Receive) -> Receive:
        """Return a `receive` that reports a disconnect once the answer is complete, which ends streams."""
        done = self._done = asyncio.Event()
        asked = False

        async def next_message() -> Message:
            nonlocal asked
            if not asked:
                asked = True
                return await receive()
            await done.wait()
            return {"type": "http.disconnect"}

        return next_message
