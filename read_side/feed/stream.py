"""One follower of the stream: first what came before, from the tables, then what comes, as it comes."""

import asyncio
from collections.abc import AsyncIterator, Callable
from math import inf
from typing import NamedTuple

from kit.errors import Problem
from kit.http.edge.direct import DirectSend
from read_side.feed.asked import Beginning
from read_side.feed.choosing import EventChoice
from read_side.feed.event_line import as_line, encode
from read_side.feed.live import LiveFeed
from read_side.feed.source import FeedSource

HEARTBEAT_SECONDS = 15.0
"""Time after which a follower hears how far the stream is, when nothing happens."""

RETRY = b"retry: 2000\n\n"
"""Milliseconds after which a browser comes again."""

REPLAYED = 200
"""Events of one piece while somebody catches up."""

TRIES, PAUSE = 20, 0.1
"""To find where a stream begins, and the seconds between two of them."""

PIECE = 64
"""Events of one piece of those that have just come."""


class Rights:
    """Those of anybody, who is told what everybody may know.

    Attributes:
        until: moment of the loop's clock up to which they are believed.
    """

    until = inf

    async def hold(self) -> bool:
        """Tell whether he still has them."""
        return True


class WhoFollows(NamedTuple):
    """One who follows."""

    chosen: EventChoice
    rights: Rights
    """Asked for before anything is told."""
    direct: Callable[[], DirectSend | None] = lambda: None
    """Returns the way to send to him without waking his task, once his stream has begun."""


async def followed(
    source: FeedSource,
    live: LiveFeed,
    after: Beginning,
    who: WhoFollows,
    *,
    heartbeat: float = HEARTBEAT_SECONDS,
) -> AsyncIterator[bytes]:
    """Yield an event stream of what came after a place, without end.

    Each event has its position as its id, so that who comes again with it misses nothing and gets nothing
    twice. Who is behind what is kept after he had come to the end is cut: he is told where to go on. So is
    everybody when the log becomes another one.

    Args:
        source: reads the tables.
        live: what has just come; it is followed already.
        after: the place.
        who: follows.
        heartbeat: seconds.

    Raises:
        Problem: 503 when the tables cannot be read; the end of a stream like any other.
    """
    yield RETRY
    caught_up, round_ = False, None
    at = await _begun(source, after)
    while await who.rights.hold():
        if round_ is not None and live.round != round_:
            break
        grown = live.grown
        if live.covers(at):
            round_ = live.round
            caught_up = True
            piece, at = _arrived(live, at, who.chosen)
            if not piece:
                at, silent = await _waited(live, at, who, grown, heartbeat)
                piece = _head(at) if silent else b""
            if piece:
                yield piece
            continue
        if caught_up:
            break
        found = await source.read(source.place(), at, REPLAYED, who.chosen)
        if found.items:
            yield b"".join(map(as_line, found.items))
        if found.upto == at and not await live.wait(grown, heartbeat):  # beyond the end, or not read yet
            yield _head(at)
        at = found.upto
    yield b"event: cut\ndata: %b\n\n" % encode({"after": at})


async def _waited(
    live: LiveFeed, at: int, who: WhoFollows, grown: asyncio.Event, heartbeat: float
) -> tuple[int, bool]:
    """Wait until one who has everything has to do something himself; what comes may be sent to him meanwhile.

    Returns:
        Where he is then, and whether he has heard nothing for as long as until a heartbeat.
    """
    direct = who.direct()
    if direct is None or at != live.head:
        return at, not await live.wait(grown, heartbeat)
    with live.crowd.joined(who.chosen, direct, who.rights.until, at) as follower:
        silent = await follower.silence(heartbeat)
    if follower.unsent is not None:
        await direct.finish(follower.unsent)
    return follower.at, silent


async def _begun(source: FeedSource, after: Beginning) -> int:
    """Return the position at which a stream begins; a process that has just started may need a moment."""
    for _ in range(TRIES):
        try:
            return await source.begin(source.place(), after)
        except Problem:
            await asyncio.sleep(PAUSE)
    return await source.begin(source.place(), after)


def _arrived(live: LiveFeed, at: int, chosen: EventChoice) -> tuple[bytes, int]:
    """Return what has come that a follower wants, and where he is then."""
    events = live.since(at)
    if not events:
        return b"", max(at, live.head)
    if chosen.any and len(events) <= PIECE:
        return live.joined(at, public=chosen.public), max(at, live.head)
    some = events[:PIECE]
    upto = live.head if len(some) == len(events) else some[-1].position
    return b"".join(one.wanted_by(chosen) for one in some), max(at, upto)


def _head(position: int) -> bytes:
    """Return a heartbeat: everything up to this position has been told."""
    return b"id: %d\nevent: head\ndata: %b\n\n" % (position, encode({"head": position}))
