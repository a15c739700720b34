"""Pieces of an event stream that are handed to the server by one who tells many, while its own task waits."""

from collections.abc import Awaitable, Callable
from inspect import iscoroutine

from starlette.types import Message, Scope, Send

_NAME = "direct_send"


class DirectSend:
    """Sends pieces of one event stream that has begun.

    To wake the task of a stream for each piece costs ten times what it costs to send the piece: so one who
    has something for many calls this for each of them.

    Args:
        send: the server's channel.
        finish: waits until a client has read what the server could not take at once.

    Attributes:
        size: bytes sent so.
    """

    __slots__ = ("_done", "_finish", "_send", "size")

    def __init__(self, send: Send, finish: Callable[[Awaitable[None]], Awaitable[None]]) -> None:
        self._send = send
        self._finish = finish
        self._done: type | None = None
        self.size = 0

    def knows(self, sent: Awaitable[None]) -> None:
        """Learn what the server gives back where nothing has to be waited for: as at the beginning.

        A server that gives coroutines has done nothing yet: each piece has to be waited for then.
        """
        self._done = None if iscoroutine(sent) else type(sent)

    def push(self, message: Message) -> Awaitable[None] | None:
        """Hand a piece over.

        Args:
            message: as ASGI has it, with more to come; the same may go to many. At most `AT_ONCE` bytes.

        Returns:
            What the task of the stream has to give to `finish` before anything else is sent, since the server
            holds as much as it takes; None: the piece is on its way.
        """
        self.size += len(message["body"])
        sent = self._send(message)
        return None if type(sent) is self._done else sent

    async def finish(self, sent: Awaitable[None]) -> None:
        """Wait until the server has taken a piece.

        Raises:
            NotRead: its client does not read; the connection is cut.
        """
        await self._finish(sent)


def offer(scope: Scope, direct: DirectSend) -> None:
    """Let what answers a request find the way to send directly."""
    scope["state"][_NAME] = direct


def direct_send(scope: Scope) -> DirectSend | None:
    """Return the way to send directly on the event stream that answers a request; None: there is none."""
    found: DirectSend | None = scope["state"].get(_NAME)
    return found
