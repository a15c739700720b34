"""Vocabularies as readers see them: terms in their order, retired ones marked, names in both languages."""

from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import pytest_asyncio

from events.catalog import events_of, upcasters_of
from events.codec import Codec
from events.kinds.catalog import KINDS
from events.kinds.term import TERM
from projections.entry.projection import entry_projection
from read_side.entry.api import entry_queries
from read_side.entry.kinds import ENTRIES
from read_side.entry.vocabularies.api import vocabulary_queries
from tests.given.entries import Entry
from tests.read_side.kinds.world import World
from tests.read_side.site import site

CODEC = Codec(events_of(KINDS), upcasters_of(KINDS))
PLACE = "/v1/vocabularies"


@pytest_asyncio.fixture
async def every(database: str) -> AsyncIterator[World]:
    """Serve every kind, and vocabularies."""
    queries = [partial(entry_queries, ENTRIES), vocabulary_queries]
    async with site(database, entry_projection(ENTRIES), CODEC, queries=queries) as here:
        yield World(here)


def term(world: World, vocabulary: str, code: str, **more: Any) -> Entry:
    said: dict[str, Any] = {
        "title": {"en": code.title(), "ru": f"«{code}»"},
        "vocabulary": vocabulary,
        "code": code,
    }
    if vocabulary == "tag":
        said["category"] = "theme"
    return world.add(TERM, f"{vocabulary}-{code}".replace("_", "-"), **(said | more))


async def told(world: World, name: str, **query: Any) -> list[tuple[str, bool]]:
    items = (await world.read(f"{PLACE}/{name}", **query))["items"]
    return [(one["code"], one["retired"]) for one in items]


async def test_terms_are_told_in_their_order_and_in_both_languages(every: World) -> None:
    for code, order in (("jet", 3), ("airship", 1), ("balloon", 2), ("zeppelin", None), ("aerostat", None)):
        term(every, "aircraft_type", code, order=order).publish()
    term(every, "aircraft_type", "draft", order=1)
    term(every, "status", "retired", order=1, category="theme").publish()
    await every.shown()
    codes = [code for code, _ in await told(every, "aircraft_type")]
    assert ["airship", "balloon", "jet", "aerostat", "zeppelin"] == codes
    (only,) = (await every.read(f"{PLACE}/status"))["items"]
    expected = {
        "vocabulary": "status", "code": "retired", "name": {"en": "Retired", "ru": "«retired»"}, "order": 1,
        "category": "theme", "retired": False, "id": str(every.entries[-1].id),
    }  # fmt: skip
    assert expected == only
    assert expected == await every.read(f"{PLACE}/status/retired")
    russian = await every.read(f"{PLACE}/status/retired", locale="ru")
    assert expected | {"name": "«retired»", "locale": "ru"} == russian
    assert "ru" == (await every.read(f"{PLACE}/status", locale="ru"))["locale"]
    assert {"items": [
        {"name": "aircraft_type", "terms": 5, "retired": 0}, {"name": "status", "terms": 1, "retired": 0},
    ]} == await every.read(PLACE)  # fmt: skip


async def test_a_retired_term_is_told_as_readers_last_saw_it(every: World) -> None:
    one, other = term(every, "tag", "jet").publish(), term(every, "tag", "biplane").publish()
    term(every, "tag", "never_seen").archive()
    paths = (PLACE, f"{PLACE}/tag", f"{PLACE}/tag/jet")
    await every.shown()
    await every.warm(*paths)

    one.archive()
    await every.shown()
    assert [("biplane", False), ("jet", True)] == await told(every, "tag")
    assert [{"name": "tag", "terms": 1, "retired": 1}] == (await every.read(PLACE))["items"]
    one.restore()
    await every.shown()
    assert [("biplane", False)] == await told(every, "tag")
    one.revise(title={"en": "A draft", "ru": None})
    one.archive()
    await every.shown()
    await every.warm(*paths)
    assert {"en": "Jet", "ru": "«jet»"} == (await every.read(f"{PLACE}/tag/jet"))["name"]
    one.restore()
    await every.shown()
    assert [404, 200] == await every.statuses(paths[2], paths[1])
    one.publish()
    await every.shown()
    assert {"en": "A draft", "ru": None} == (await every.read(f"{PLACE}/tag/jet"))["name"]
    other.unpublish()
    await every.shown()
    assert [("jet", False)] == await told(every, "tag")


async def test_what_is_no_vocabulary_is_not_there(every: World) -> None:
    term(every, "tag", "jet").publish()
    await every.shown()
    for path in ("none", "tag/none", "none/jet", "TAG", "tag/%00", "%00", "a-b", f"{'x' * 1000}"):
        assert 404 == (await every.get(f"{PLACE}/{path}")).status_code, path
