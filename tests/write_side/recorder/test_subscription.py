"""A subscription yields every event of the log once, in order, soon, whatever happens to its connection."""

import asyncio
import time

import pytest
from eventsourcing.persistence import OperationalError, PersistenceError

from tests.write_side.log.given import one_event, store, writer
from tests.write_side.recorder.given import an_id, saved, take, told, value
from write_side.recorder import LogFactory
from write_side.recorder.subscription import POLL_SECONDS

CONNECTIONS = """
 from pg_stat_activity where datname = current_database() and application_name = 'frankenjet recorder'"""

TERMINATE = f"select count(pg_terminate_backend(pid)) {CONNECTIONS}"


async def test_an_event_that_nobody_announced_is_seen_at_the_next_look(
    factory: LogFactory, database: str
) -> None:
    with factory.application_recorder().subscribe() as subscription:
        await asyncio.sleep(0.3)
        async with writer(database) as connection:
            await store(connection, one_event())
        began = time.monotonic()
        assert [1] == await asyncio.to_thread(take, subscription, 1)
        assert time.monotonic() - began < POLL_SECONDS + 3


def test_a_save_wakes_those_who_follow(factory: LogFactory) -> None:
    recorder = factory.application_recorder()
    waits = []
    with recorder.subscribe() as subscription:
        for expected in (1, 2, 3, 4):
            time.sleep(0.15)
            recorder.insert_events(saved(an_id(), 1))
            began = time.monotonic()
            assert [expected] == take(subscription, 1)
            waits.append(time.monotonic() - began)
    assert min(waits) < POLL_SECONDS


def test_a_slow_consumer_gets_all_in_order(factory: LogFactory) -> None:
    recorder = factory.application_recorder()
    with recorder.subscribe() as subscription:
        for _ in range(7):
            recorder.insert_events(saved(an_id(), *range(1, 1001)))
        time.sleep(0.3)
        assert list(range(1, 7001)) == take(subscription, 7000)


def test_events_of_other_topics_are_passed_over_once(factory: LogFactory) -> None:
    recorder = factory.application_recorder()
    recorder.insert_events(saved(an_id(), *range(1, 1201), topic="hangar:Swept"))
    recorder.insert_events(saved(an_id(), 1, topic="hangar:Opened"))
    recorder.insert_events(saved(an_id(), *range(1, 101), topic="hangar:Swept"))
    with recorder.subscribe(topics=["hangar:Opened"]) as subscription:
        assert [1201] == take(subscription, 1)
        deadline = time.monotonic() + 30
        while subscription.position < 1301 and time.monotonic() < deadline:
            time.sleep(0.01)
        assert 1301 == subscription.position
        recorder.insert_events(saved(an_id(), *range(1, 1101), topic="hangar:Opened"))
        assert list(range(1302, 2402)) == take(subscription, 1100)


def test_a_subscription_comes_back_when_its_connection_is_lost(factory: LogFactory, database: str) -> None:
    recorder = factory.application_recorder()
    with recorder.subscribe() as subscription:
        for expected in (1, 2, 3):
            assert [expected] == recorder.insert_events(saved(an_id(), 1))
            assert [expected] == take(subscription, 1)
            assert 1 < value(database, TERMINATE)


def test_a_reader_ahead_of_the_log_is_told_of_the_rewind(factory: LogFactory) -> None:
    recorder = factory.application_recorder()
    recorder.insert_events(saved(an_id(), 1))
    with pytest.raises(PersistenceError, match="EPOCH_REWIND"), recorder.subscribe(gt=2) as subscription:
        take(subscription, 1)


def test_a_subscription_of_a_closed_factory_ends(database: str) -> None:
    with LogFactory(told(database)) as factory:
        subscription = factory.application_recorder().subscribe()
        time.sleep(0.2)
    with pytest.raises(OperationalError), subscription:
        take(subscription, 1)
