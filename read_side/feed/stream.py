"""One follower of the stream: first what came before, from the tables, then what comes, as it comes."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import msgspec

from kit.errors import Problem
from read_side.feed.asked import Beginning
from read_side.feed.choosing import EventChoice
from read_side.feed.live import LiveFeed, as_line
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

type Permitted = Callable[[], Awaitable[bool]]
"""Tells whether a follower still is who may be told this."""

_encode = msgspec.json.Encoder().encode


async def followed(
    source: FeedSource,
    live: LiveFeed,
    after: Beginning,
    chosen: EventChoice,
    permitted: Permitted,
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
        chosen: which events.
        permitted: asked before anything is told.
        heartbeat: seconds.

    Raises:
        Problem: 503 when the tables cannot be read; the end of a stream like any other.
    """
    yield RETRY
    caught_up, round_ = False, None
    at = await _begun(source, after)
    while await permitted():
        if round_ is not None and live.round != round_:
            break
        grown = live.grown
        if live.covers(at):
            round_ = live.round
            caught_up = True
            piece, at = _arrived(live, at, chosen)
            if piece:
                yield piece
            elif not await live.wait(grown, heartbeat):
                yield _head(max(at, live.head) if live.covers(at) else at)
            continue
        if caught_up:
            break
        found = await source.read(source.place(), at, REPLAYED, chosen)
        if found.items:
            yield b"".join(map(as_line, found.items))
        if found.upto == at and not await live.wait(grown, heartbeat):  # beyond the end, or not read yet
            yield _head(at)
        at = found.upto
    yield b"event: cut\ndata: %b\n\n" % _encode({"after": at})


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
    wanted = []
    for one in some:
        told = one.told(public=chosen.public)
        if told is not None and chosen.takes(told):
            wanted.append(one.line(public=chosen.public))
    return b"".join(wanted), max(at, upto)


def _head(position: int) -> bytes:
    """Return a heartbeat: everything up to this position has been told."""
    return b"id: %d\nevent: head\ndata: %b\n\n" % (position, _encode({"head": position}))
