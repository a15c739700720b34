"""Recorder of the library for snapshots: states of aggregates, beside the log and never in it."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from eventsourcing import persistence
from eventsourcing import postgres as pg
from eventsourcing.persistence import IntegrityError, StoredEvent
from psycopg.types.numeric import Int8

from kit.ids import new_id
from write_side.recorder.connection import until_deadline
from write_side.recorder.recorders import OurTables
from write_side.recorder.stored import END

_KEEP = """
insert into library.snapshot (owner, mark, stream, version, topic, state)
select %b, %b, w.* from unnest(%b::uuid[], %b::bigint[], %b::text[], %b::bytea[]) w"""

_KEPT = """
select count(*) as kept from library.snapshot
 where owner = %s and stream = any(%b) and version = any(%b) and mark = %s"""

_STREAM = """
select stream, version, topic, state from library.snapshot
 where owner = %s and stream = %s and version > %s and version <= %s order by version {} limit %s"""


class SnapshotRecorder(OurTables, persistence.AggregateRecorder):
    """Keeps the snapshots of one application.

    Args:
        datastore: connections to the log's database.
        owner: whose they are; the library would name a table so, here it is a column.
    """

    def __init__(self, datastore: pg.PostgresDatastore, *, owner: str) -> None:
        super().__init__(datastore)
        self.owner = owner

    def insert_events(self, stored_events: Sequence[StoredEvent], **_: Any) -> Sequence[int] | None:
        """Keep snapshots: all of them or none.

        Raises:
            IntegrityError: one of that version is kept already.
            OperationalError, InterfaceError: the database did not answer within 2.5 s.
        """
        if not stored_events:
            return None
        mark = new_id()
        streams = [event.originator_id for event in stored_events]
        versions = [Int8(event.originator_version) for event in stored_events]
        topics = [event.topic for event in stored_events]
        states = [event.state for event in stored_events]

        def keep() -> None:
            try:
                with self.datastore.get_connection() as connection:
                    connection.execute(_KEEP, (self.owner, mark, streams, versions, topics, states))
            except IntegrityError:
                with self.datastore.get_connection() as connection:
                    row = connection.execute(_KEPT, (self.owner, streams, versions, mark)).fetchone()
                if row is None or row["kept"] != len(stored_events):
                    raise  # somebody else's; with our mark they are ours, and the reply was lost

        until_deadline(keep)
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
        """Return snapshots of an aggregate with gt < version <= lte."""
        bounds = (-1 if gt is None else gt, END if lte is None else lte, END if limit is None else limit)

        def read() -> list[StoredEvent]:
            with self.datastore.get_connection() as connection:
                rows = connection.execute(
                    _STREAM.format("desc" if desc else "asc"), (self.owner, originator_id, *bounds)
                )
                return [
                    StoredEvent(
                        originator_id=row["stream"],
                        originator_version=row["version"],
                        topic=row["topic"],
                        state=bytes(row["state"]),
                    )
                    for row in rows
                ]

        return until_deadline(read)
