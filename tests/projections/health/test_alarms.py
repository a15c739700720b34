"""Trouble of readers is told once, after a while, again after an hour, and when it is over."""

import asyncio
import time
from contextlib import suppress

import pytest

from projections.forwarding.forwarder import NO_BROKER
from projections.health.alarming import AlarmWatch
from projections.health.alarms import AGAIN_SECONDS, CALM_SECONDS, PATIENCE, AlarmNotice, Alarms
from projections.health.observer import Observer
from projections.health.readers import Reader, View


def reader(state: str, *, lag: float = 0.0, waits: str = "", parked: int = 0) -> Reader:
    return Reader(
        "entries", "entries", "following", state != "old", state, 5, int(lag), lag, lag, parked, parked, "",
        1, 0, 0, waits=waits,
    )  # fmt: skip


def told(alarms: Alarms, at: float, *readers: Reader) -> list[tuple[str, str]]:
    return [(one.step, one.subject) for one in alarms.seen(View(9, list(readers)), 0.0, at)]


def test_a_reader_that_nobody_leads_is_told_once_and_again_after_an_hour_and_when_it_is_well() -> None:
    alarms, stopped, well = Alarms(), reader("stopped"), reader("current")
    assert [] == told(alarms, 0, stopped)
    assert [] == told(alarms, PATIENCE - 1, stopped)
    assert [("begins", "entries is stopped")] == told(alarms, PATIENCE, stopped)
    assert ["stopped"] == [one.what for one in alarms.told]
    assert [] == told(alarms, PATIENCE + 1, stopped)
    later = PATIENCE + AGAIN_SECONDS
    assert [("goes on", "entries is still stopped")] == told(alarms, later, stopped)
    assert [] == told(alarms, later + 1, well)
    assert [] == told(alarms, later + 2, stopped), "it was not over yet"
    assert [] == told(alarms, later + 3, well)
    assert [("is over", "entries is well again (it was stopped)")] == told(
        alarms, later + 3 + CALM_SECONDS, well
    )
    assert [] == alarms.told


def test_what_lasts_a_moment_is_not_told() -> None:
    alarms = Alarms()
    assert [] == told(alarms, 0, reader("stopped"))
    assert [] == told(alarms, 5, reader("current"))
    assert [] == told(alarms, PATIENCE + 1, reader("stopped")), "it began again only now"


def test_a_reader_that_is_half_a_minute_behind_is_told_at_once() -> None:
    alarms = Alarms()
    assert [] == told(alarms, 0, reader("behind", lag=29.9))
    assert [("begins", "entries is behind")] == told(alarms, 1, reader("behind", lag=30))


@pytest.mark.parametrize(
    "one",
    [reader("filling", lag=900), reader("old", lag=900), reader("waiting", lag=900, waits=NO_BROKER)],
)
def test_a_rebuild_another_build_and_a_broker_that_nobody_has_are_no_trouble(one: Reader) -> None:
    alarms = Alarms()
    assert [] == told(alarms, 0, one) + told(alarms, 60, one)


def test_a_broker_that_does_not_answer_is_told_with_its_reason() -> None:
    notices = Alarms().seen(View(9, [reader("waiting", lag=31, waits="refused")]), 0.0, 0.0)
    assert "It waits: refused." in notices[0].text


def test_a_database_that_cannot_be_read_is_told_and_hides_no_trouble_of_before() -> None:
    alarms = Alarms()
    told(alarms, 0, reader("current", parked=2))
    assert [("begins", "entries is parked")] == told(alarms, PATIENCE, reader("current", parked=2))
    found = [alarms.seen(None, at - PATIENCE, at) for at in (PATIENCE + 1, 2 * PATIENCE + 1)]
    assert [[], ["the database is unread"]] == [[one.subject for one in notices] for notices in found]
    assert {"parked", "unread"} == {one.what for one in alarms.told}


async def test_a_way_that_fails_is_tried_again_and_delays_no_other_one(database: str) -> None:
    """Nobody leads a reader of this database; the clock runs a hundred times as fast."""
    post: list[AlarmNotice] = []
    failed: list[AlarmNotice] = []
    told = asyncio.Event()

    async def by_post(notice: AlarmNotice) -> None:
        post.append(notice)
        if len(post) >= 3 and len(failed) >= 2:
            told.set()

    async def by_pigeon(notice: AlarmNotice) -> None:
        failed.append(notice)
        if len(post) >= 3 and len(failed) >= 2:
            told.set()
        raise OSError("fog")

    watch = AlarmWatch(
        Observer(database, {"entries": "0" * 12}), {"post": by_post, "pigeon": by_pigeon},
        clock=lambda: time.monotonic() * 100,
    )  # fmt: skip
    running = asyncio.create_task(watch.run())
    async with asyncio.timeout(20):
        await told.wait()
    figures = await watch.answers["/metrics"]()
    alive = await watch.answers["/livez"]()
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    assert {"entries", "forwarder", "notary"} == {one.trouble.reader for one in post}
    assert ["stopped"] * 3 == [one.trouble.what for one in post]
    assert failed[0] == failed[1]
    assert b'frankenjet_alarm{reader="entries",what="stopped"} 1.0' in figures.body
    assert 200 == alive.status
