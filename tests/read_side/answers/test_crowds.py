"""Many who ask what takes long leave others their answers."""

import asyncio
from typing import Any

import asyncpg
import pytest

from tests.projections.lives import Article
from tests.read_side.site import Site

CROWD = 24


@pytest.mark.parametrize(
    ("asked", "table"),
    [
        ("/v1/articles?category=c{number}", "facets_article"),
        ("/v1/timeline?from=18{number:02}", "facets_person"),
        ("/v1/pages/home?after=0", "facets_article"),
        ("/v1/vocabularies?after=0", "facets_term"),
    ],
)
async def test_a_crowd_that_asks_for_what_takes_long_leaves_documents_to_their_readers(
    here: Site, asked: str, table: str
) -> None:
    Article(here.log, "tu-144").publish()
    await here.shown()
    holder: Any = await asyncpg.connect(here.dsn)
    try:
        async with holder.transaction():
            await holder.execute(f'lock table "{here.follower.schema}".{table}')
            lists = [asyncio.create_task(here.get(asked.format(number=number))) for number in range(CROWD)]
            await asyncio.sleep(0.2)
            document = await here.get("/v1/articles/tu-144")
        answers = await asyncio.gather(*lists)
    finally:
        await holder.close()
    assert 200 == document.status_code
    assert [200] * CROWD == [one.status_code for one in answers]


async def test_what_takes_long_is_planned_for_what_it_asks_and_takes_one_processor(here: Site) -> None:
    asked = "select current_setting('plan_cache_mode'), current_setting('max_parallel_workers_per_gather')"
    usual, long = [(await here.read.sources.tables.rows(asked, long=one))[0] for one in (False, True)]
    assert ("force_custom_plan", "0") == tuple(long)
    assert "auto" == usual[0]
