"""Words for tests of the recorder: what the library stores, and what the log then holds."""

from itertools import islice
from threading import Timer
from typing import Any, NamedTuple
from uuid import UUID

import psycopg
from eventsourcing.persistence import ApplicationRecorder, StoredEvent, Subscription

from kit.ids import new_id


def told(dsn: str, **settings: str) -> dict[str, str]:
    """Return the environment of an application on this log that begins with one connection."""
    return {
        "PERSISTENCE_MODULE": "write_side.recorder",
        "DATABASE_URL": dsn,
        "POSTGRES_POOL_SIZE": "1",
    } | settings


class Row(NamedTuple):
    """An event as the log holds it."""

    position: int
    stream: UUID
    version: int
    schema: int
    type: str
    payload: bytes


def an_id() -> UUID:
    """Make an id of the class that a driver gives back."""
    return UUID(bytes=new_id().bytes)


def saved(
    stream: UUID, *versions: int, topic: str = "hangar:Opened", state: bytes = b"{}"
) -> list[StoredEvent]:
    """Return events of one stream as the library hands them to a recorder."""
    return [
        StoredEvent(originator_id=stream, originator_version=version, topic=topic, state=state)
        for version in versions
    ]


def rows(dsn: str) -> list[Row]:
    """Return what the log holds, in order."""
    with psycopg.connect(dsn) as connection:
        found = connection.execute(
            "select position, stream, version, schema, type, payload from log.event order by position"
        ).fetchall()
    return [Row(*row) for row in found]


def value(dsn: str, sql: str, *arguments: Any) -> Any:
    """Ask the database for one value, as its owner."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        row = connection.execute(sql, arguments).fetchone()
    return row[0] if row else None


def take(subscription: Subscription[ApplicationRecorder], count: int, seconds: float = 30) -> list[int]:
    """Return the positions of the next events; fewer when they do not come in time."""
    limit = Timer(seconds, subscription.stop)
    limit.start()
    try:
        return [each.id for each in islice(subscription, count)]
    finally:
        limit.cancel()
