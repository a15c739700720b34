"""Makes sure that a stream has what was sent: the broker says only that somebody has it."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from kit.broker.stream import EventStream, Hidden, NoStream, StreamMessage
from kit.log.spans import Spans, common, count, merged, without
from kit.postgres.connect import AWAY
from projections.forwarding.missing import EVERYTHING

PAUSE_SECONDS = 3.0
"""Seconds from one look to the next: with a second look, what is missing is said within 5."""

SOON = 5
"""So much sooner when something seems to be missing: it counts as missing when a second look lacks it too."""

STREAM_ANSWER_SECONDS = 10.0
"""Seconds for one look: a broker that says nothing is as good as away."""

MOST = 2_000
"""Messages that a look reads. When more were sent, those in the middle are counted and not read."""

_MEND = "send them again: `frankenjet resend{} --from {}`"

log = structlog.get_logger()


def mend(reader: str, first: int) -> str:
    """Return what a person does about what the stream of a reader lacks from a place on."""
    return _MEND.format("" if reader == EVERYTHING else f" --{reader}", first)


class StreamWatch:
    """Compares the stream with what was sent, and binds the stream again where it may.

    A confirm says that every queue that an event was routed to has it, and `mandatory` that there was one:
    neither says that the stream was among them.

    Args:
        stream: the stream.
        sent: says up to which position everything was confirmed.
        missing: what is known to be missing, from earlier.
        keep: remembers what is missing, for everybody to see.
        given_up: positions that never count as missing.
        every: seconds from one look to the next.
        reader: whose stream it is.
    """

    def __init__(
        self,
        stream: EventStream,
        sent: Callable[[], int],
        missing: Spans,
        keep: Callable[[Spans], Awaitable[None]],
        *,
        given_up: Spans = (),
        every: float = PAUSE_SECONDS,
        reader: str = EVERYTHING,
    ) -> None:
        self._stream = stream
        self._sent = sent
        self._keep = keep
        self._given_up = given_up
        self._every = every
        self._reader = reader
        self.missing = missing
        """Positions that two looks have not found."""
        self.unseen = ""
        """Why nobody can look; empty: one can."""
        self._lacking = missing
        """The same of one look."""
        self._known: StreamMessage | None = None
        """The last message that was looked at; None: there was none."""
        self._reached = 0
        """Highest position that was found, or is lacking."""
        self._last = 0
        """Position of the last event that was looked at, or after which sending begins."""
        self._begun = asyncio.Event()
        self._looked = (-1, 0)
        """Position and number of messages at the last look."""

    async def begin(self, position: int) -> StreamMessage | None:
        """Look at the end of the stream before anything is sent.

        Args:
            position: the saved cursor.

        Returns:
            The event of the log with the highest position there, if there is one and it can be read.

        Raises:
            ConnectionError, TimeoutError: when the broker cannot be reached.
        """
        self._begun.set()
        self._reached = self._last = position
        try:
            async with asyncio.timeout(STREAM_ANSWER_SECONDS):
                newest = await self._stream.newest()
        except (NoStream, Hidden) as error:
            self._cannot_look(error)
            return None
        ours = [one for one in newest if one.position is not None]
        whole = not newest or newest[0].offset == 0
        if ours or whole:
            first = next((one.position or 0 for one in ours), 1)
            self._reached = 0 if whole else first - 1
            for one in newest:
                self._take(one)
            self._lack(position)
        self._reached, self._last = max(self._reached, position), position
        self._known = newest[-1] if newest else None
        return max(ours, key=lambda one: one.position or 0, default=None)

    async def run(self) -> None:
        """Look again and again once it has begun; trouble with the broker is the forwarder's to tell."""
        await self._begun.wait()
        while True:
            await asyncio.sleep(self._every / SOON if self._lacking != self.missing else self._every)
            try:
                async with asyncio.timeout(STREAM_ANSWER_SECONDS):
                    await self.look()
            except AWAY:
                await self._stream.hang_up()

    async def look(self) -> None:
        """Look once.

        Raises:
            ConnectionError, TimeoutError: when the broker cannot be reached.
        """
        upto, before = self._sent(), self._regarded()
        try:
            messages = await self._stream.mended()
            await self._compare(upto, messages)
        except NoStream:
            self._all_gone(upto)
        except Hidden as error:
            self._cannot_look(error)
            return
        self.unseen = ""
        self._lacking = self._regarded()
        await self._judge(before)

    async def _compare(self, upto: int, messages: int) -> None:
        position, known = self._looked
        nothing_lacks = not self._lacking and not self.missing  # else the last read may have ended too early
        if nothing_lacks and upto == position and messages >= known:
            self._looked = upto, messages
            return
        if upto - self._last > MOST:
            await self._skip()
        if self._known is None:
            found = await self._stream.since(0, lambda one: (one.position or 0) >= upto, MOST)
        else:
            mark = self._known
            found = await self._stream.since(
                mark.offset, lambda one: one.offset > mark.offset and (one.position or 0) >= upto, MOST
            )
            if not found or (found[0].offset == mark.offset and found[0].id != mark.id):
                self._all_gone(upto)  # another stream of the same name
                found = await self._stream.since(0, lambda one: (one.position or 0) >= upto, MOST)
        for one in found:
            self._take(one)
            self._known = one
        if len(found) < MOST:  # the end was reached
            self._lack(upto)
            self._looked = upto, messages

    async def _skip(self) -> None:
        """Go on near the end: count what is between, where very many were sent since the last look."""
        newest = await self._stream.newest()
        first = next((one.position for one in newest if one.position is not None), 0)
        if not first or self._known is None or newest[0].offset <= self._known.offset:
            return
        between = first - 1 - self._last
        if between > newest[0].offset - 1 - self._known.offset:
            self._lacking = merged([*self._lacking, (self._last + 1, first - 1)])
        elif between > 0:
            self._lacking = without(self._lacking, self._last + 1, first - 1)
        self._reached = max(self._reached, first - 1)
        self._known, self._last = newest[0], first - 1

    def _take(self, one: StreamMessage) -> None:
        if one.position is None:
            return
        self._lack(one.position - 1)
        self._lacking = without(self._lacking, one.position, one.position)
        self._reached = max(self._reached, one.position)
        self._last = one.position

    def _lack(self, upto: int) -> None:
        if upto > self._reached:
            self._lacking = merged([*self._lacking, (self._reached + 1, upto)])
            self._reached = upto

    def _all_gone(self, upto: int) -> None:
        """Take note that the stream is a new one, or there is none: it has nothing of what was sent."""
        self._lacking = merged([(1, upto)])
        self._reached = upto
        self._known = None

    def _regarded(self) -> Spans:
        """Return what is lacking but for what somebody has given up."""
        lacking = self._lacking
        for first, last in self._given_up:
            lacking = without(lacking, first, last)
        return lacking

    async def _judge(self, before: Spans) -> None:
        sent = ((1, self._sent()),)
        missing = common(common(before, self._lacking), merged([*sent, *self.missing]))
        if missing == self.missing:
            return
        if missing and not self.missing:
            log.error(
                "stream.lacks", events=count(missing), first=missing[0][0], last=missing[-1][1],
                mend=mend(self._reader, missing[0][0]), reader=self._reader,
            )  # fmt: skip
        elif not missing:
            log.info("stream.whole", reader=self._reader)
        await self._keep(missing)
        self.missing = missing

    def _cannot_look(self, error: Exception) -> None:
        if not self.unseen:
            log.warning("stream.unseen", reason=str(error), reader=self._reader)
        self.unseen = f"the stream cannot be looked at: {error}"
