"""Reads stored rows of the log as events; what this build cannot read, or not in time, is said."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from events.base import Event, Recorded
from events.codec import Codec, Unreadable
from kit.running.time_limit import NO_TIME_LIMIT, TimeLimit, TooSlow


class Broken(NamedTuple):
    """An event that this build cannot read: where it stands, and why."""

    position: int
    stream: UUID
    id: UUID
    error: str


type Item = Recorded[Event] | Broken


def reader_of(codec: Codec) -> Callable[[Sequence[Any], TimeLimit], list[Item]]:
    """Return what `kit.log.source` needs to read events of a codec."""
    return lambda rows, bound: list(decoded(rows, codec, bound))


def decoded(rows: Sequence[Any], codec: Codec, bound: TimeLimit = NO_TIME_LIMIT) -> Iterator[Item]:
    """Turn rows, as `kit.log.rows` reads them, into events; what cannot be read in time is `Broken`.

    There are fewer of them when the time of `bound` is over.
    """
    read = codec.decode_both
    for number, (position, stream, version, id_, at, schema, type_, meta, payload) in enumerate(rows):
        if number and bound.over():
            return
        try:
            told, event = bound.run(read, type_, schema, meta, payload)
        except (Unreadable, TooSlow) as error:
            yield Broken(position, stream, id_, str(error))
        else:
            yield Recorded(position, stream, version, id_, at, told, event)
