"""Many who ask what takes long leave others their answers."""

import asyncio
from typing import Any

import asyncpg

from tests.projections.lives import Article
from tests.read_side.site import Site

CROWD = 24


async def test_a_crowd_of_lists_that_take_long_leaves_documents_to_their_readers(here: Site) -> None:
    Article(here.log, "tu-144").publish()
    await here.shown()
    holder: Any = await asyncpg.connect(here.dsn)
    try:
        async with holder.transaction():
            await holder.execute(f'lock table "{here.follower.schema}".facets_article')
            lists = [
                asyncio.create_task(here.get("/v1/articles", category=f"c{number}"))
                for number in range(CROWD)
            ]
            await asyncio.sleep(0.2)
            document = await here.get("/v1/articles/tu-144")
        answers = await asyncio.gather(*lists)
    finally:
        await holder.close()
    assert 200 == document.status_code
    assert [200] * CROWD == [one.status_code for one in answers]
