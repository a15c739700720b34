"""Recorders of the library that append to the log, and read it back."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any
from uuid import UUID

import psycopg
from eventsourcing import persistence
from eventsourcing import postgres as pg
from eventsourcing.persistence import Notification, StoredEvent
from psycopg.sql import SQL, Identifier, Literal

from events.base import Meta
from kit.log.wake import CHANNEL
from write_side.recorder.connection import until_deadline
from write_side.recorder.stored import END, SyncConnection, head, packed, page, stream
from write_side.recorder.subscription import LogSubscription

type Subscriber = tuple[str | None, str | None, int | None, UUID | None]
"""Who follows which application, how far it has come, and the mark of the attempt to say so."""

NOBODY: Subscriber = (None, None, None, None)
"""A save that follows no other application."""

_APPEND = """
select log.append_tracked(
  %b, %b, %b, %b, %b::uuid[], %b::smallint[],
  %b::int[], %b::bigint[], %b::uuid[], %b::text[], %b::bytea[], %b::bytea[]) as first"""


class OurTables(pg.PostgresRecorder):
    """What all recorders here have in common: the tables are there, made by the migrations.

    A view of an application's own may be a table of its own, made by the owner of the database and granted
    to the role of the writers; `datastore.transaction(commit=True)` is where it writes.
    """

    def create_table(self) -> None:
        """Do nothing: several processes that start at once would race, and none may create tables."""


class LogAggregateRecorder(OurTables, persistence.AggregateRecorder):
    """Stores events of aggregates in the log; `meta=` of a save says who caused them (events.base.Meta).

    The library lets an aggregate's first event be version 1 or 0. The log counts every stream from 1, and
    the schema of the library's events says which it was: 0, or -1 (see write_side.recorder.stored).
    """

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> Sequence[int] | None:
        """Append what one save stores: all of it or nothing.

        Raises:
            IntegrityError: a stream is not at the version before, or is not one of the library's.
            DataError: an event is larger than 768 KiB.
            OperationalError, InterfaceError: no answer within 2.5 s; whether it was stored is unknown.
        """
        self._append(stored_events, kwargs.get("meta"))
        return None

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredEvent]:
        """Return events of a stream with gt < version <= lte."""
        after, upto = -1 if gt is None else gt, END if lte is None else lte
        most = END if limit is None else limit

        def read() -> list[StoredEvent]:
            with self.datastore.get_connection() as connection:
                return stream(connection, originator_id, after, upto, most, newest_first=desc)

        return until_deadline(read)

    def _append(
        self, stored_events: Sequence[StoredEvent], meta: Meta | None, follower: Subscriber = NOBODY
    ) -> list[int] | None:
        """Append events and return their positions; None when there are none."""
        if not stored_events:
            return None
        arguments = (*follower, *packed(stored_events, meta))

        def append() -> int:
            with self.datastore.get_connection() as connection:
                row = connection.execute(_APPEND, arguments, prepare=True).fetchone()
                if row is None:
                    raise persistence.InternalError("log.append_tracked gave no answer")
                first: int = row["first"]
                _wake(connection, first + len(stored_events) - 1)
                return first

        first = until_deadline(append)
        return list(range(first, first + len(stored_events)))


class LogApplicationRecorder(LogAggregateRecorder, persistence.ApplicationRecorder):
    """The log as the sequence of an application: its notification ids are positions, dense, in commit order.

    All applications of a database share the log: a reader names the topics that it knows.
    """

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> Sequence[int] | None:
        """Append what one save stores and return its positions; raises as the aggregate recorder does."""
        return self._append(stored_events, kwargs.get("meta"))

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:
        """Return at most `limit` events from position `start` (or the next one) to `stop`, in order."""
        first = 1 if start is None else start if inclusive_of_start else start + 1
        last = END if stop is None else stop

        def read() -> list[Notification]:
            with self.datastore.get_connection() as connection:
                return page(connection, first, last, topics, limit)

        return until_deadline(read)

    def max_notification_id(self) -> int | None:
        """Return the last position of the log, None when it is empty."""

        def read() -> int | None:
            with self.datastore.get_connection() as connection:
                return head(connection) or None

        return until_deadline(read)

    def subscribe(self, gt: int | None = None, topics: Sequence[str] = ()) -> LogSubscription:
        """Follow the log after a position; the subscription is a context manager."""
        return LogSubscription(self, self.datastore, gt, topics)


def _wake(connection: SyncConnection, reached: int) -> None:
    """Tell readers that the log grew, after the append and not durably; they look each second anyway."""
    with suppress(psycopg.Error):
        connection.execute(
            SQL("set local synchronous_commit = off; notify {}, {}").format(
                Identifier(CHANNEL), Literal(str(reached))
            )
        )
