"""Figures of the readers that only a certain moment shows: a rebuild, a park, a reader that gave up."""

import asyncio
from typing import Any

from prometheus_client.core import Metric

from events.codec import CODEC
from kit.health.tasks import ProcessHealth
from projections.builds.fingerprint import fingerprint
from projections.catalog import PROJECTIONS
from projections.engine.park import skip
from projections.health.metrics import ReaderMetrics, role
from projections.health.readers import Reader, look
from projections.rebuild.replay import begin
from projections.rebuild.slices import plan
from tests.faults.models.test_parked import poisoned
from tests.given.lives import random_lives, store
from tests.projections.driving import follow, follower_of, projector

ARTICLE = PROJECTIONS[0]
OURS = {ARTICLE.name: fingerprint(ARTICLE)}


def samples(figures: ReaderMetrics) -> dict[tuple[str, str], float]:
    """Return (name, reader) → value."""
    families: list[Metric] = list(figures.collect())
    return {
        (sample.name, sample.labels.get("reader", "")): sample.value
        for family in families
        for sample in family.samples
    }


async def test_a_rebuild_shows_how_far_it_is_and_counts_as_no_lag(database: str) -> None:
    await store(database, random_lives(61, articles=3, steps=30))
    async with projector(database) as connection:
        follower = await follower_of(connection, ARTICLE)
        await follow(database, connection, follower)
        filling = await begin(connection, ARTICLE, OURS[ARTICLE.name], 2)
        await plan(connection, filling.schema, follower.position)
        await connection.execute("update project.slice set part = 7")  # its beginning is filled
        view = await look(connection, OURS)
    found = samples(ReaderMetrics(view, 0.0, holder="test"))
    assert (7, follower.position) == (
        found["frankenjet_reader_rebuild_replayed_events", filling.schema],
        found["frankenjet_reader_rebuild_target_events", filling.schema],
    )
    assert ("frankenjet_reader_lag_events", filling.schema) not in found
    assert 0 == found["frankenjet_reader_lag_events", follower.schema]
    assert {"fills", "leads", "stopped"} == {role(one, "test") for one in view.readers}


async def test_a_parked_event_grows_old_although_nothing_is_behind_and_leaves_when_it_is_skipped(
    database: str,
) -> None:
    stream = await poisoned(database)
    async with projector(database) as connection:
        follower = await follower_of(connection, ARTICLE)
        await follow(database, connection, follower)
        before = (await look(connection, OURS)).readers[0]
        assert (0, 0.0, 2, 1) == (
            before.lag_events, before.lag_seconds, before.parked_events, before.parked_entities
        )  # fmt: skip
        await asyncio.sleep(0.01)  # ages are told to the millisecond
        assert 0 < before.oldest_seconds < (await look(connection, OURS)).readers[0].oldest_seconds
        await skip(
            connection, CODEC, ARTICLE, follower.generation, stream, by="test", reason="broken",
            position=await connection.fetchval("select min(position) from project.parked"),
        )  # fmt: skip
        after = (await look(connection, OURS)).readers[0]
        assert (0, 0, 0.0) == (after.parked_events, after.parked_entities, after.oldest_seconds)


async def test_sets_of_other_builds_are_no_figures_of_this_one(database: str) -> None:
    async with projector(database) as connection:
        await follower_of(connection, ARTICLE)
        view = await look(connection, {ARTICLE.name: "another"})
    assert {"entries", "forwarder", "notary"} == {one.name for one in view.readers if one.ours}
    assert 4 == len(view.readers)


def test_a_copy_that_leads_and_gave_up_is_halted_and_one_that_stands_by_is_not() -> None:
    vitals = ProcessHealth()
    vitals.task("notary").rest("the log has no event at position 3")
    facts: dict[str, Any] = dict.fromkeys(Reader._fields, 0)
    notary = Reader(**facts | {"name": "notary", "state": "behind", "holder": "this copy"})
    assert "halted" == role(notary, "this copy", vitals)
    assert "stands by" == role(notary, "another copy", vitals)
