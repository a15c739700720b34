"""Reading what was just written, and what cannot be read yet."""

import asyncio
import time

import pytest

from events.codec import Stored
from tests.given.lives import store_raw
from tests.projections.lives import Article
from tests.read_side.site import EDITORS, Site, served


async def test_a_read_waits_for_the_position_it_names(here: Site) -> None:
    one = Article(here.log, "tu-144")
    one.publish()
    position = await here.store()
    waiting = asyncio.create_task(here.get("/v1/articles/tu-144", after=position))
    await asyncio.sleep(0.2)
    assert not waiting.done()
    await here.project()
    answer = await waiting
    assert answer.status_code == 200


async def test_waiting_is_over_soon_after_the_projection(here: Site) -> None:
    waits = []
    for slug in ("tu-144", "concorde", "il-62", "vc10", "dc-8"):
        Article(here.log, slug).publish()
        position = await here.store()
        waiting = asyncio.create_task(here.get(f"/v1/articles/{slug}", after=position))
        await asyncio.sleep(0.1)
        await here.project()
        started = time.perf_counter()
        assert (await waiting).status_code == 200
        waits.append(time.perf_counter() - started)
    assert min(waits) < 1, "each may meet a moment in which the machine does something else"


async def test_after_two_seconds_the_answer_is_503_with_the_lag(here: Site) -> None:
    Article(here.log, "tu-144")
    await here.shown()
    Article(here.log, "concorde")
    position = await here.store()
    started = time.perf_counter()
    answer = await here.get("/v1/articles", after=position)
    assert 1.9 < time.perf_counter() - started < 10
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    assert answer.json()["lag_events"] == 2


async def test_a_position_beyond_the_log_is_refused_at_once(here: Site) -> None:
    Article(here.log, "tu-144")
    position = await here.shown()
    started = time.perf_counter()
    answer = await here.get("/v1/articles", after=position + 5)
    assert time.perf_counter() - started < 5
    assert (answer.status_code, answer.json()["errors"]) == (
        400, [{"parameter": "after", "detail": f"is beyond the end of the log, which is at {position}"}],
    )  # fmt: skip


async def test_a_receipt_of_this_moment_is_never_beyond_the_log(here: Site) -> None:
    one = Article(here.log, "tu-144")
    await here.shown()
    for number in range(20):
        one.revise(title=f"Number {number}")
        position = await here.store()
        asking = asyncio.create_task(here.get("/v1/articles", after=position))
        await here.project()
        assert (await asking).status_code == 200


@pytest.mark.parametrize(
    "after", ["x", "-1", "1.5", "", "9223372036854775808", "1e3", "1_0", "%2B1", "01", "1.0"]
)
async def test_what_is_no_position_is_refused(here: Site, after: str) -> None:
    one = Article(here.log, "tu-144")
    await here.shown()
    for path in ("", "/tu-144", f"/{one.id}/draft", f"/{one.id}/revisions", f"/{one.id}/revisions/1"):
        assert (await here.get(f"/v1/articles{path}", EDITORS, after=after)).status_code == 400


async def test_every_read_can_wait(here: Site) -> None:
    one = Article(here.log, "tu-144")
    one.publish()
    position = await here.project()
    for path in ("", "/tu-144", f"/{one.id}/draft", f"/{one.id}/revisions", f"/{one.id}/revisions/1"):
        assert (await here.get(f"/v1/articles{path}", EDITORS, after=position)).status_code == 200
    answer = await here.get(f"/v1/articles/{one.id}/diff", EDITORS, **{"from": 1, "to": 1, "after": position})
    assert answer.status_code == 200


async def test_a_parked_entry_says_so_and_refuses_newer_reads(here: Site) -> None:
    one = Article(here.log, "tu-144")
    version = one.publish().version
    before = await here.shown()
    for _ in range(2):
        assert "frankenjet-parked" not in (await here.get("/v1/articles/tu-144")).headers
    await store_raw(here.dsn, one.id, version, Stored("article.revised", 1, b"{}"))
    parked = await here.shown()
    assert parked == before + 1
    for path in ("/tu-144", f"/{one.id}/draft", f"/{one.id}/revisions", f"/{one.id}/revisions/1"):
        for headers in ({}, {}, EDITORS) if path != f"/{one.id}/draft" else (EDITORS,):
            place = f"/v1/articles{path}"
            answer = await here.get(place, headers)
            assert (answer.status_code, answer.headers["frankenjet-parked"]) == (200, str(parked))
            refused = await here.get(place, headers, after=parked)
            assert (refused.status_code, refused.json()["lag_events"]) == (503, 1)
            assert (await here.get(place, headers, after=before)).status_code == 200


async def test_a_model_that_this_build_has_not_made_yet_is_503(here: Site) -> None:
    async with served(here.dsn, {"entries": "000000000000"}) as (read, client):
        answer = await client.get("/v1/articles")
        assert (answer.status_code, answer.json()["type"]) == (503, "/problems/not-built")
        assert read.ready()[0] is False


async def test_ready_means_within_a_second_of_the_head(here: Site) -> None:
    Article(here.log, "tu-144")
    await here.shown()
    ready, facts = here.read.ready()
    assert ready
    assert facts == {"entries": {"position": 2, "lag_events": 0, "parked": 0}}
    Article(here.log, "concorde")
    await here.store()
    await asyncio.sleep(1.3)
    ready, facts = here.read.ready()
    assert not ready
    assert facts["entries"]["lag_events"] == 2
    await here.shown()
    assert here.read.ready()[0]


async def polls(here: Site, seconds: float) -> int:
    """Count the polls that begin within some seconds."""
    served, seen = here.read.sources.served, set()
    end = served.clock() + seconds
    while served.clock() < end:
        seen.add(served.as_of)
        await asyncio.sleep(0.01)
    return len(seen)


async def test_where_nobody_asks_few_polls_are_made_and_the_first_reader_sees_what_is_so(here: Site) -> None:
    one = Article(here.log, "tu-144", title="Before")
    one.publish()
    await here.shown()
    for _ in range(2):
        assert "Before" in (await here.get("/v1/articles/tu-144")).text
    await asyncio.sleep(1.5)
    assert await polls(here, 2.0) <= 4
    one.revise(title="After")
    one.publish()
    await here.project()
    assert "After" in (await here.get("/v1/articles/tu-144")).text
    assert await polls(here, 3.0) >= 8
