"""Parked events are let in again, however many there are of one entity."""

import asyncio

from events.codec import CODEC
from kit.log.rows import PAGE_BYTES
from projections.catalog import PROJECTIONS
from projections.engine.park import Outcome, retry
from tests.given.lives import store
from tests.projections.driving import contents, follow, follower_of, projector
from tests.projections.lives import Article, Log

ARTICLE = PROJECTIONS[0]

_PARK = "insert into project.parked select $1, stream, position, 'why' from log.event where stream = $2"


async def test_parked_events_of_one_entity_are_read_page_by_page(database: str) -> None:
    log = Log()
    article = Article(log, "tu-144", body="")
    size = PAGE_BYTES // 45
    for number in range(60):
        article.revise(body=f"{number}".ljust(size, "."))
    await store(database, [(one.stream, one.version - 1, one.event) for one in log.events])
    async with projector(database) as connection:
        live = await follower_of(connection, ARTICLE)
        await follow(database, connection, live)
        parked = await follower_of(connection, ARTICLE, generation=2)
        await connection.execute(_PARK, parked.schema, article.id)
        said: list[str] = []
        with connection.query_logger(lambda one: said.append(one.query)):
            outcome = await retry(connection, CODEC, ARTICLE, parked.generation, article.id)
            await asyncio.sleep(0)  # the driver tells it a moment later
        wanted, found = await contents(connection, live), await contents(connection, parked)
    assert Outcome(61, 0, "") == outcome
    renewals = [sql for sql in said if "update project.lease l set until = clock_timestamp() + " in sql]
    assert 2 == len(renewals), "one before each batch: meanwhile no other copy takes the lease"
    pages = [sql for sql in said if "log.event" in sql and "project.parked" in sql]
    assert 3 == len(pages), "two, and one that finds that there is no more"
    assert [] == found["parked"]
    assert (wanted["entry"], wanted["revision"]) == (found["entry"], found["revision"])
