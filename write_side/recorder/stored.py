"""Stored events of the library as the log holds them, both ways."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import psycopg
from eventsourcing.persistence import DataError, Notification, StoredEvent
from psycopg.rows import DictRow
from psycopg.types.numeric import Int2, Int4, Int8

from events.base import MAX_EVENT_BYTES, Meta
from events.codec import CODEC
from kit.ids import new_id

COUNTS_FROM_1 = 0
COUNTS_FROM_0 = -1
"""Schemas of the library's events: log.version + schema is the version that the library knows."""

END = 2**62

type SyncConnection = psycopg.Connection[DictRow]
type Packed = tuple[Sequence[Any], ...]

_VERSION = "version + least(schema, 0)"

_STREAM = f"""
select stream, {_VERSION} as version, type, payload from log.event
 where stream = %s and version > %s and version <= %s
   and {_VERSION} > %s and {_VERSION} <= %s
 order by version {{}} limit %s"""

_PAGE = f"""
select position, stream, {_VERSION} as version, type, payload from log.event
 where position >= %s and position <= %s {{}} order by position limit %s"""


def packed(events: Sequence[StoredEvent], meta: Meta | None) -> Packed:
    """Turn what one save stores into the arrays of log.append_tracked; ids are made here, once.

    Args:
        events: in the order that their positions will have.
        meta: who caused them; without it a command of its own, by nobody.

    Raises:
        DataError: an event is larger than any reader takes.
    """
    if any(len(event.state) > MAX_EVENT_BYTES for event in events):
        raise DataError("an event is larger than 768 KiB")
    streams: dict[UUID | str, int] = {}
    schemas: list[Int2] = []
    for event in events:
        if event.originator_id not in streams:
            streams[event.originator_id] = len(streams) + 1
            schemas.append(Int2(COUNTS_FROM_1 if event.originator_version else COUNTS_FROM_0))
    stored_meta = CODEC.encode_meta(meta or Meta(actor=UUID(int=0), command=new_id()))
    return (
        list(streams),
        schemas,
        [Int4(streams[event.originator_id]) for event in events],
        [Int8(event.originator_version) for event in events],
        [new_id() for _ in events],
        [event.topic for event in events],
        [stored_meta] * len(events),
        [event.state for event in events],
    )


def stream(
    connection: SyncConnection, id_: UUID | str, after: int, upto: int, limit: int, *, newest_first: bool
) -> list[StoredEvent]:
    """Return events of a stream with after < version <= upto, in versions as the library counts them."""
    # The version in the log is the library's or one more: an index range a little wide, then the exact test.
    rows = connection.execute(
        _STREAM.format("desc" if newest_first else "asc"),
        (id_, after, upto + 1, after, upto, limit),
        prepare=False,  # a plan kept from when the log was empty would read all of it
    )
    return [
        StoredEvent(
            originator_id=row["stream"],
            originator_version=row["version"],
            topic=row["type"],
            state=bytes(row["payload"]),
        )
        for row in rows
    ]


def page(
    connection: SyncConnection, first: int, last: int, topics: Sequence[str], limit: int
) -> list[Notification]:
    """Return at most `limit` events with first <= position <= last, in order; of these topics, if any."""
    asked, wanted = ("and type = any(%s)", [list(topics)]) if topics else ("", [])
    rows = connection.execute(_PAGE.format(asked), (first, last, *wanted, limit), prepare=False)
    return [
        Notification(
            id=row["position"],
            originator_id=row["stream"],
            originator_version=row["version"],
            topic=row["type"],
            state=bytes(row["payload"]),
        )
        for row in rows
    ]


def event_at(connection: SyncConnection, position: int) -> UUID | None:
    """Return the id of the event at a position."""
    row = connection.execute(
        "select id from log.event where position = %s", (position,), prepare=False
    ).fetchone()
    return row["id"] if row else None


def head(connection: SyncConnection) -> int:
    """Return the last position of the log, 0 when it is empty."""
    row = connection.execute("select log.head() as head", prepare=False).fetchone()
    return int(row["head"]) if row else 0
