"""Events of the library stand in the log like all others, and say that they are the library's."""

import psycopg
import pytest
from eventsourcing.persistence import DataError, IntegrityError

from events.base import MAX_EVENT_BYTES, Meta
from events.codec import CODEC
from kit.ids import new_id
from tests.write_side.log.given import one_event, store, writer
from tests.write_side.recorder.given import an_id, rows, saved, value
from write_side.recorder import LogFactory


def test_streams_are_contiguous_from_1_however_the_library_counts(factory: LogFactory, database: str) -> None:
    recorder = factory.application_recorder()
    from_1, from_0 = an_id(), an_id()
    assert [1, 2] == recorder.insert_events(saved(from_1, 1, 2))
    assert [3, 4] == recorder.insert_events(saved(from_0, 0, 1))
    assert [5, 6] == recorder.insert_events([*saved(from_0, 2), *saved(from_1, 3)])
    expected = [
        (from_1, 1, 0),
        (from_1, 2, 0),
        (from_0, 1, -1),
        (from_0, 2, -1),
        (from_0, 3, -1),
        (from_1, 3, 0),
    ]
    assert expected == [(row.stream, row.version, row.schema) for row in rows(database)]
    assert [1, 2, 3] == [event.originator_version for event in recorder.select_events(from_1)]
    assert [0, 1, 2] == [event.originator_version for event in recorder.select_events(from_0)]
    seen = [(each.id, each.originator_version) for each in recorder.select_notifications(2, 4)]
    assert [(2, 2), (3, 0), (4, 1), (5, 2)] == seen


@pytest.mark.parametrize("first", [0, 1])
def test_a_part_of_a_stream_is_read_in_versions_of_the_library(factory: LogFactory, first: int) -> None:
    recorder = factory.aggregate_recorder()
    stream = an_id()
    recorder.insert_events(saved(stream, *range(first, first + 6)))

    def read(
        gt: int | None = None, lte: int | None = None, limit: int | None = None, *, desc: bool = False
    ) -> list[int]:
        found = recorder.select_events(stream, gt=gt, lte=lte, limit=limit, desc=desc)
        return [event.originator_version - first for event in found]

    assert [0, 1, 2, 3, 4, 5] == read()
    assert [2, 3] == read(gt=first + 1, lte=first + 3)
    assert [0, 1] == read(lte=first + 1)
    assert [5] == read(gt=first + 4)
    assert [5, 4] == read(desc=True, limit=2)
    assert [3] == read(lte=first + 3, desc=True, limit=1)
    assert [1] == read(gt=first, limit=1)
    assert [] == read(gt=first + 5)


@pytest.mark.parametrize("first", [0, 1])
def test_a_save_continues_its_stream_or_is_refused(factory: LogFactory, database: str, first: int) -> None:
    recorder = factory.application_recorder()
    stream = an_id()
    for version in (2, 3, -1):
        with pytest.raises(IntegrityError):
            recorder.insert_events(saved(stream, version))
    recorder.insert_events(saved(stream, first, first + 1))
    for version in (-1, 0, 1, 2, 3, 4):
        if version != first + 2:
            with pytest.raises(IntegrityError):
                recorder.insert_events(saved(stream, version))
    assert [3] == recorder.insert_events(saved(stream, first + 2))
    assert [1, 2, 3] == [row.version for row in rows(database)]


def test_what_a_save_adds_to_several_streams_is_stored_whole_or_not_at_all(
    factory: LogFactory, database: str
) -> None:
    recorder = factory.application_recorder()
    one, two = an_id(), an_id()
    interleaved = [*saved(one, 1), *saved(two, 0), *saved(one, 2), *saved(two, 1)]
    assert [1, 2, 3, 4] == recorder.insert_events(interleaved)
    with pytest.raises(IntegrityError):
        recorder.insert_events([*saved(one, 3), *saved(two, 1)])
    assert 4 == len(rows(database))


async def test_a_stream_of_ours_takes_no_event_of_the_library(factory: LogFactory, database: str) -> None:
    stream = an_id()
    async with writer(database) as connection:
        await store(connection, one_event(stream))
    recorder = factory.application_recorder()
    for version in range(5):
        with pytest.raises(IntegrityError):
            recorder.insert_events(saved(stream, version))
    assert 1 == len(rows(database))
    assert [1] == [event.originator_version for event in recorder.select_events(stream)]


def test_metadata_says_who_saved(factory: LogFactory, database: str) -> None:
    recorder = factory.application_recorder()
    known = Meta(actor=new_id(), command=new_id(), client="import", reason="from the old archive")
    recorder.insert_events(saved(an_id(), 1), meta=known)
    recorder.insert_events(saved(an_id(), 1, 2))
    with psycopg.connect(database) as connection:
        stored = connection.execute("select meta from log.event order by position").fetchall()
    first, second, third = (CODEC.decode_meta(row[0]) for row in stored)
    assert known == first
    assert 0 == second.actor.int
    assert second == third
    assert second.command != first.command


def test_what_no_reader_takes_is_refused(factory: LogFactory, database: str) -> None:
    recorder = factory.application_recorder()
    recorder.insert_events(saved(an_id(), 1, state=b"x" * MAX_EVENT_BYTES))
    with pytest.raises(DataError):
        recorder.insert_events(saved(an_id(), 1, state=b"x" * (MAX_EVENT_BYTES + 1)))
    with pytest.raises(DataError):
        recorder.insert_events(saved(an_id(), 1, topic="hangar\x00"))
    assert 1 == len(rows(database))


def test_the_recorder_can_do_nothing_to_the_log_but_append(factory: LogFactory, database: str) -> None:
    factory.application_recorder().insert_events(saved(an_id(), 1))
    with factory.datastore.get_connection() as connection:
        for sql in (
            "delete from log.event",
            "update log.event set payload = ''",
            "delete from library.tracking",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(sql)
    assert 1 == value(database, "select count(*) from log.event")
