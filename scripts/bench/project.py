"""project-live, rebuild: the read models against the library's runner and against a bare loop."""

import time
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import asyncpg
import msgspec
from eventsourcing.application import Application
from eventsourcing.domain import DomainEvent
from eventsourcing.persistence import Tracking
from eventsourcing.postgres import PostgresTrackingRecorder
from eventsourcing.projection import Projection as LibraryProjection
from eventsourcing.projection import ProjectionRunner

from events.codec import CODEC
from events.kinds.catalog import KINDS
from events.reading import Broken, decoded
from kit.log.rows import COLUMNS
from kit.postgres.connect import PROJECTOR, connect
from projections.builds.fingerprint import fingerprint
from projections.catalog import PROJECTIONS
from projections.rebuild.replay import begin, replay
from projections.this_build import THIS_BUILD
from scripts.bench.rig.databases import own_database
from scripts.bench.rig.following import follow_to_end
from scripts.bench.rig.report import result
from scripts.sample.synthetic import synthesize
from write_side.main import bus

LIBRARY_EVENTS = 3_000


async def run(server: str, *, entries: int = 10_000, revisions: int = 10) -> list[dict[str, Any]]:
    """Measure both over one log of synthetic entries, of every kind of this build."""
    with own_database(server) as dsn:
        async with bus(dsn, CODEC) as running:
            await synthesize(running, entries, revisions)
        events, took = await follow_to_end(dsn)
        with own_database(server, migrated=False) as library_dsn:
            peer = _library(library_dsn)
        loop = await _bare_loop(dsn, events)
        rebuilt = await _rebuild(dsn, events)
    return [
        result("project-live", events / took, peer, unit="events/s", events=events, kinds=len(KINDS),
               peer_name="eventsourcing's ProjectionRunner with one upsert per event"),
        result("rebuild", rebuilt, loop, unit="events/s", events=events, kinds=len(KINDS),
               peer_name="read, decode, fold and COPY by a bare loop of one process"),
    ]  # fmt: skip


async def _rebuild(dsn: str, events: int) -> float:
    """Return events/s of `rebuild --jobs 2` up to the indexes, worker processes' start included."""
    connection = await connect(dsn, "bench rebuild", PROJECTOR, statement_timeout="0")
    try:
        projection = PROJECTIONS[0]
        generation = await begin(connection, projection, fingerprint(projection), 2)
    finally:
        await connection.close()
    began = time.perf_counter()
    await replay(dsn, THIS_BUILD, generation, jobs=2, told=lambda _progress: None)
    return events / (time.perf_counter() - began)


async def _bare_loop(dsn: str, events: int) -> float:
    """Return events/s of the least that anybody could do: the newest state of each stream, by one COPY."""
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(
            "create table bare (id uuid, version bigint, at timestamptz, type text, content text)"
        )
        began = time.perf_counter()
        state: dict[UUID, tuple[Any, ...]] = {}
        async with connection.transaction():
            cursor = await connection.cursor(f"select {COLUMNS} from log.event order by position")
            while rows := await cursor.fetch(5_000):
                for one in decoded(rows, CODEC):
                    if not isinstance(one, Broken):
                        content = msgspec.json.encode(one.event).decode()
                        state[one.stream] = (one.stream, one.version, one.at, one.type, content)
        await connection.copy_records_to_table("bare", records=list(state.values()))
        return events / (time.perf_counter() - began)
    finally:
        await connection.close()


class _Counted(DomainEvent):
    pass


class _View(PostgresTrackingRecorder):
    def create_table(self) -> None:
        super().create_table()
        with self.datastore.transaction(commit=True) as cursor:
            cursor.execute("create table if not exists bench_view (id uuid primary key, version bigint)")

    def upsert(self, id_: UUID, version: int, tracking: Tracking) -> None:
        with self.datastore.transaction(commit=True) as cursor:
            self._insert_tracking(cursor, tracking)
            cursor.execute(
                "insert into bench_view values (%s, %s)"
                " on conflict (id) do update set version = excluded.version",
                (id_, version),
            )


class _Upserts(LibraryProjection[_View]):
    topics = ()

    def process_event(self, domain_event: Any, tracking: Tracking) -> None:
        self.view.upsert(domain_event.originator_id, domain_event.originator_version, tracking)


def _library(dsn: str) -> float:
    """Return events/s of the library's runner over a log of the library's own."""
    address = urlsplit(dsn)
    environment = {
        "PERSISTENCE_MODULE": "eventsourcing.postgres",
        "POSTGRES_DBNAME": address.path[1:],
        "POSTGRES_HOST": parse_qs(address.query).get("host", [address.hostname or ""])[0],
        "POSTGRES_PORT": str(address.port or 5432),
        "POSTGRES_USER": address.username or "",
        "POSTGRES_PASSWORD": address.password or "",
    }
    application: Application[UUID] = Application(env=environment)
    streams = [UUID(int=number) for number in range(1, 101)]
    for version in range(1, LIBRARY_EVENTS // len(streams) + 1):
        for stream in streams:
            event = _Counted(
                originator_id=stream, originator_version=version, timestamp=_Counted.create_timestamp()
            )
            application.save(event)
    began = time.perf_counter()
    with ProjectionRunner(
        application_class=Application, projection_class=_Upserts, view_class=_View, env=environment
    ) as runner:
        runner.wait(application.recorder.max_notification_id(), timeout=120)
        took = time.perf_counter() - began
    application.close()
    return LIBRARY_EVENTS / took
