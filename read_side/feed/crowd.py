"""Followers who have all that there is: what comes is made into bytes once for all who want the same."""

import asyncio
from collections.abc import Awaitable, Hashable, Iterable, Iterator, Sequence
from contextlib import contextmanager

from starlette.types import Message

from kit.http.edge.direct import DirectSend
from read_side.feed.choosing import EventChoice
from read_side.feed.event_line import LiveEvent

BLOCK = 48 * 1024
"""Bytes that are sent at once; an event that is larger goes to those who read, at their own pace."""


class CrowdMember:
    """One of the crowd.

    Args:
        direct: sends to him.
        until: moment of the loop's clock after which his rights have to be asked for first.
        group: that he is in.

    Attributes:
        at: what came up to here was sent to him, or is not for him.
        unsent: what the server could not take at once; to be finished before anything else is sent.
    """

    __slots__ = ("_beat", "_direct", "_group", "_heard", "_woken", "at", "unsent", "until")

    def __init__(self, direct: DirectSend, until: float, group: "_Group") -> None:
        loop = asyncio.get_running_loop()
        self.until = until
        self.at = group.at
        self.unsent: Awaitable[None] | None = None
        self._direct = direct
        self._group = group
        self._heard = loop.time()
        self._woken: asyncio.Future[bool] = loop.create_future()
        self._beat: asyncio.TimerHandle | None = None

    async def silence(self, seconds: float) -> bool:
        """Return True when nothing was sent to him for so long; False: he has to go on by himself."""
        loop = asyncio.get_running_loop()

        def beat() -> None:
            left = self._heard + seconds - loop.time()
            if left > 0:
                self._beat = loop.call_later(left, beat)
            else:
                self.leave(silent=True)

        self._beat = loop.call_later(seconds, beat)
        try:
            return await self._woken
        finally:
            self._beat.cancel()

    def push(self, message: Message, now: float) -> bool:
        """Send him a piece; say whether another one may follow."""
        self._heard = now
        self.unsent = self._direct.push(message)
        return self.unsent is None

    def leave(self, *, silent: bool = False) -> None:
        """Leave the crowd: nothing more is sent to him from here."""
        if self in self._group.members:
            del self._group.members[self]
            self.at = self._group.at
        if not self._woken.done():
            self._woken.set_result(silent)


class _Group:
    """Those who want the same."""

    def __init__(self, chosen: EventChoice, at: int) -> None:
        self.chosen = chosen
        self.at = at
        self.members: dict[CrowdMember, None] = {}

    def tell(self, came: Sequence[LiveEvent], head: int, now: float) -> None:
        """Send what came to everyone who can be sent it so; the others leave."""
        for message, upto in _blocks(came, self.chosen):
            for one in list(self.members):
                if len(message["body"]) > BLOCK or one.until <= now:
                    one.leave()
                    continue
                try:
                    more = one.push(message, now)
                except Exception:  # noqa: BLE001 - his own task meets the same, and tells it
                    one.leave()
                    continue
                if not more:
                    one.leave()
                    one.at = upto
            self.at = upto
        self.at = head


class Crowd:
    """All who wait for what comes, in groups of those who want the same."""

    def __init__(self) -> None:
        self._groups: dict[Hashable, _Group] = {}

    @contextmanager
    def joined(
        self, chosen: EventChoice, direct: DirectSend, until: float, head: int
    ) -> Iterator[CrowdMember]:
        """Send what comes to one more while the block lasts.

        Args:
            chosen: what he wants of it.
            direct: sends to him.
            until: see `CrowdMember`.
            head: he has everything up to here, which is all that there is.
        """
        group = self._groups.get(chosen.key)
        if group is None:
            group = self._groups[chosen.key] = _Group(chosen, head)
        group.at = head
        follower = CrowdMember(direct, until, group)
        group.members[follower] = None
        try:
            yield follower
        finally:
            follower.leave()
            if not group.members and self._groups.get(chosen.key) is group:
                del self._groups[chosen.key]

    def tell(self, came: Sequence[LiveEvent], head: int) -> None:
        """Tell everyone what came; all there is goes up to `head` now."""
        now = asyncio.get_running_loop().time()
        for group in list(self._groups.values()):
            group.tell(came, head, now)

    def release(self) -> None:
        """Let everyone go on by himself."""
        groups, self._groups = self._groups, {}
        for group in groups.values():
            for one in list(group.members):
                one.leave()


def _blocks(came: Iterable[LiveEvent], chosen: EventChoice) -> Iterator[tuple[Message, int]]:
    """Yield what is wanted of some events as pieces of a stream, each with the position of its end."""
    lines: list[bytes] = []
    size, upto = 0, 0
    for one in came:
        line = one.wanted_by(chosen)
        if lines and size + len(line) > BLOCK:
            yield _piece(lines), upto
            lines, size = [], 0
        if line:
            lines.append(line)
            size += len(line)
            upto = one.position
    if lines:
        yield _piece(lines), upto


def _piece(lines: Sequence[bytes]) -> Message:
    return {"type": "http.response.body", "body": b"".join(lines), "more_body": True}
