"""An application and a projection of the library work beside writers of ours, and nothing is missed."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import psycopg
import pytest
from eventsourcing.application import Application
from eventsourcing.dispatch import singledispatchmethod
from eventsourcing.domain import Aggregate, event
from eventsourcing.persistence import IntegrityError, Tracking
from eventsourcing.projection import Projection, ProjectionRunner
from eventsourcing.utils import get_topic

from events.base import Meta
from events.codec import CODEC
from kit.ids import new_id
from tests.write_side.log.given import one_event
from tests.write_side.recorder.given import an_id, rows, take, told, value
from write_side.log.appender import Appender
from write_side.recorder import LogFactory, LogTrackingRecorder

PLANES, FLIGHTS, OURS = 4, 24, 200

ACTOR = new_id()


class Plane(Aggregate):
    """An aggregate as the library's users write them."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.hours = 0

    @event("Flown")
    def fly(self, hours: int) -> None:
        self.hours += hours


FLOWN: type[Any] = Plane.Flown  # type: ignore[attr-defined]


class Hangar(Application[UUID]):
    """An application of the library, with snapshots."""

    snapshotting_intervals = {Plane: 10}  # noqa: RUF012 - as the library declares it

    def build(self, number: int) -> UUID:
        plane = Plane(number=number)
        self.save(plane)
        return plane.id

    def fly(self, plane_id: UUID) -> None:
        plane: Plane = self.repository.get(plane_id)
        plane.fly(hours=1)
        self.save(plane, meta=Meta(actor=ACTOR, command=new_id(), client="bot"))


class Logbook(LogTrackingRecorder):
    """A view with a table of its own, written in the transaction that moves its follower."""

    def add(self, plane: UUID, tracking: Tracking) -> None:
        with self.datastore.transaction(commit=True) as cursor:
            cursor.execute("insert into logbook values (%s, %s)", (tracking.notification_id, plane))
            self._insert_tracking(cursor, tracking)


class Flights(Projection[Logbook]):
    """Writes each flight into the logbook."""

    topics = (get_topic(FLOWN),)

    @singledispatchmethod
    def process_event(self, domain_event: Any, tracking: Tracking) -> None:
        self.view.add(domain_event.originator_id, tracking)


@pytest.fixture
def environment(database: str) -> dict[str, str]:
    """Return what an application of the library is told, on a log with a table for its view."""
    with psycopg.connect(database, autocommit=True) as owner:
        owner.execute("drop table if exists logbook")
        owner.execute("create table logbook (position bigint primary key, plane uuid not null)")
        owner.execute("grant select, insert on logbook to frankenjet_write")
    return told(database)


@asynccontextmanager
async def writing(dsn: str) -> AsyncIterator[asyncio.Task[list[int]]]:
    """Yield a task that appends events of ours, several at a time, and gives their positions."""
    async with Appender(dsn) as appender:

        async def one() -> list[int]:
            return [(await appender.append(one_event())).first for _ in range(OURS // 10)]

        async def all_of_them() -> list[int]:
            return [
                position for each in await asyncio.gather(*(one() for _ in range(10))) for position in each
            ]

        yield asyncio.create_task(all_of_them())


def flights_of(hangar: Hangar, number: int) -> UUID:
    plane_id = hangar.build(number)
    for _ in range(FLIGHTS):
        hangar.fly(plane_id)
    return plane_id


async def test_the_library_and_our_writers_share_a_log(database: str, environment: dict[str, str]) -> None:
    with ProjectionRunner(
        application_class=Hangar, projection_class=Flights, view_class=Logbook, env=environment
    ) as runner:
        hangar = runner.app
        with hangar.recorder.subscribe() as everything:
            async with writing(database) as ours:
                planes = await asyncio.gather(
                    *(asyncio.to_thread(flights_of, hangar, number) for number in range(PLANES))
                )
                positions_of_ours = await ours
            total = PLANES * (1 + FLIGHTS) + OURS
            seen = await asyncio.to_thread(take, everything, total)
        last_flight = value(database, "select max(position) from log.event where type = %s", get_topic(FLOWN))
        runner.wait(last_flight, timeout=5)
        hours = [hangar.repository.get(plane_id).hours for plane_id in planes]
        snapshots = [list(hangar.snapshots.get(plane_id)) for plane_id in planes] if hangar.snapshots else []
        runner.view.datastore.close()

    held = rows(database)
    assert list(range(1, total + 1)) == [row.position for row in held] == seen
    assert sorted(positions_of_ours) == [row.position for row in held if row.schema > 0]
    flown = [(row.position, row.stream) for row in held if row.type == get_topic(FLOWN)]
    with psycopg.connect(database) as connection:
        assert flown == connection.execute("select position, plane from logbook order by 1").fetchall()
        metas = connection.execute(
            "select meta from log.event where type = %s", (get_topic(FLOWN),)
        ).fetchall()
    assert {ACTOR} == {CODEC.decode_meta(meta).actor for (meta,) in metas}
    assert [FLIGHTS] * PLANES == hours
    assert [[10, 20]] * PLANES == [[each.originator_version for each in of_one] for of_one in snapshots]
    for plane in planes:
        assert list(range(1, FLIGHTS + 2)) == [row.version for row in held if row.stream == plane]


def test_a_view_goes_on_where_it_was(environment: dict[str, str]) -> None:
    plane = an_id()
    for position in (1, 2):
        with LogFactory(environment) as factory:
            view = factory.tracking_recorder(Logbook)
            assert view.max_tracking_id("Hangar") == (position - 1 or None)
            view.add(plane, Tracking("Hangar", position))
            with pytest.raises(IntegrityError):
                view.add(plane, Tracking("Hangar", position))
