"""Recorders of the library that remember how far a follower has come, together with what it stores."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from eventsourcing import persistence
from eventsourcing import postgres as pg
from eventsourcing.persistence import IntegrityError, StoredEvent, Tracking
from psycopg import Cursor
from psycopg.rows import DictRow

from kit.ids import new_id
from write_side.recorder.connection import until_deadline
from write_side.recorder.recorders import NOBODY, LogApplicationRecorder, OurTables, Subscriber

_TRACK = "select library.track(%s, %s, %s, %s) as moved"

_REACHED = "select position from library.tracking where follower = %s and application = %s"


class LogTrackingRecorder(OurTables, persistence.TrackingRecorder):
    """Remembers the last position of an application that a follower has dealt with; it only moves forward.

    Args:
        datastore: connections to the log's database.
        tracking_table_name: name of the follower; the library would name a table so, here it is a column.
    """

    def __init__(
        self, datastore: pg.PostgresDatastore, *, tracking_table_name: str = "notification_tracking"
    ) -> None:
        super().__init__(datastore)
        self.follower = tracking_table_name

    def insert_tracking(self, tracking: Tracking) -> None:
        """Move the follower forward.

        Raises:
            IntegrityError: it is there already, or beyond.
            OperationalError, InterfaceError: the database did not answer within 2.5 s.
        """
        mark = new_id()

        def track() -> None:
            with self.datastore.cursor() as cursor:  # one statement, so one reply to lose
                self._insert_tracking(cursor, tracking, mark)

        until_deadline(track)

    def _insert_tracking(self, curs: Cursor[DictRow], tracking: Tracking, mark: UUID | None = None) -> None:
        """Move the follower forward in the transaction of a view that writes its own rows."""
        curs.execute(_TRACK, self._moved(tracking, mark or new_id()))
        row = curs.fetchone()
        if row is None or not row["moved"]:
            raise IntegrityError(
                f"{self.follower} is already at position {tracking.notification_id}"
                f" of {tracking.application_name} or beyond"
            )

    def max_tracking_id(self, application_name: str) -> int | None:
        """Return the last position of an application that was dealt with, None before the first."""

        def read() -> int | None:
            with self.datastore.get_connection() as connection:
                row = connection.execute(_REACHED, (self.follower, application_name)).fetchone()
                return row["position"] if row else None

        return until_deadline(read)

    def _moved(self, tracking: Tracking, mark: UUID) -> Subscriber:
        return self.follower, tracking.application_name, tracking.notification_id, mark


class LogProcessRecorder(LogTrackingRecorder, LogApplicationRecorder, persistence.ProcessRecorder):
    """Stores what a follower makes of an event together with how far it has come, in one statement."""

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> Sequence[int] | None:
        """Append events and move the follower (`tracking=`), or do neither; return their positions.

        Raises:
            IntegrityError: a stream is not at the version before, or the follower is there already.
            DataError: an event is larger than 768 KiB.
            OperationalError, InterfaceError: the log did not answer within 2.5 s; what was stored is unknown.
        """
        tracking: Tracking | None = kwargs.get("tracking")
        if tracking is not None and not stored_events:
            self.insert_tracking(tracking)
            return None
        follower = NOBODY if tracking is None else self._moved(tracking, new_id())
        return self._append(stored_events, kwargs.get("meta"), follower)
