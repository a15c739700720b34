"""What the database does for a list: it goes by indexes, for every filter and every sort that is declared.

Plans hang on sizes. So there are 20,000 rows, analyzed, and nothing is switched off: a scan of a whole table
would be seen.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import date
from typing import Any

import orjson
import pytest

from kit.postgres.connect import connect
from read_side.entry.kinds import MODEL
from read_side.entry.lists.page import Asked, Lists
from read_side.entry.lists.sorting import names, order_of
from read_side.pages.timeline import timeline
from read_side.tables import LONG_SETTINGS, Tables
from tests.read_side.kinds.world import ENTRIES, World, three_kinds
from tests.read_side.lists.rows import TABLES, VIEW, address, entry, id_of, listed, relation, write
from tests.servers.stock import Stock

MANY = 20_000

PAGE = 20

HALLS = [f"hall {number}" for number in range(200)]

SELECTIVE: dict[str, Any] = {
    "flagship": ["f-17"],
    "free": "true",
    "aircraft": "19990..",
    "status": ["s-3", "s-4"],
    "branch_of": ["s-77", str(id_of(5))],
    "hall": ["hall 3", "hall 4"],
    "area": "1000m²..1010m²",
    "founded": "..1701",
    "partner": ["s-77"],
    "code": ["c-17"],
    "theme": ["t-17"],
}
"""Parameter → what few have, or many where few values can be told apart."""


class Explaining(Tables):
    """Asks for the plan of each statement instead of running it."""

    def __init__(self, connection: Any) -> None:
        super().__init__("")
        self._connection = connection
        self.plans: list[dict[str, Any]] = []

    async def rows(self, sql: str, *values: Any, long: bool = False) -> Any:
        assert long, "readers of lists leave connections to others"
        (row,) = await self._connection.fetch(f"explain (format json) {sql}", *values)
        found = row[0] if isinstance(row[0], list) else orjson.loads(row[0])
        self.plans.append(found[0]["Plan"])
        return []


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for one in plan.get("Plans", ()):
        yield from nodes(one)


def scanned(plan: dict[str, Any]) -> list[str]:
    """Return the tables of the read model that a plan reads from end to end."""
    tables = {table.name for table in TABLES.all}
    whole = [one for one in nodes(plan) if one["Node Type"] == "Seq Scan"]
    return [one["Relation Name"] for one in whole if one["Relation Name"] in tables]


def looks(plan: dict[str, Any], table: str = "facets_museum") -> list[dict[str, Any]]:
    """Return the steps of a plan that look at the rows of a table."""
    return [one for one in nodes(plan) if one.get("Relation Name") == table]


def sorted_whole(plan: dict[str, Any]) -> list[str]:
    """Return the sorts of more rows than a page or two have."""
    return [
        one["Node Type"] for one in nodes(plan) if "Sort" in one["Node Type"] and one["Plan Rows"] > PAGE * 3
    ]


def museums() -> Iterator[dict[str, Any]]:
    for number in range(MANY):
        yield listed(
            number,
            title={"en": f"T {number * 7919 % MANY}", "ru": None},
            flagship=f"f-{number % 1000}",
            free=number % 50 == 0,
            aircraft=number,
            status=f"s-{number % 40}",
            code=f"c-{number % 1000}",
            themes=[f"t-{number % 200}"],
            branch_of=str(id_of(number % 500)),
            halls=[HALLS[number % 200], HALLS[(number + 1) % 200]],
            area={"value": str(number), "high": str(number + 5)},
            founded={"edtf": f"{1700 + number % 300}{'' if number % 100 else '/..'}"},
        )


async def fill(database: str) -> None:
    async with three_kinds(database) as world:
        connection = await connect(database, "test plans", statement_timeout="0")
        schema = world.here.follower.schema
        await write(connection, schema, TABLES.facets["museum"], museums())
        await write(connection, schema, TABLES.entry, map(entry, range(MANY)))
        await write(connection, schema, TABLES.address, map(address, range(MANY)))
        named = (relation(one, place, (one * 5 + place) % MANY) for one in range(MANY) for place in range(5))
        await write(connection, schema, TABLES.relation, named)
        for table in (TABLES.facets["museum"], TABLES.entry, TABLES.address, TABLES.relation):
            await connection.execute(f"analyze {schema}.{table.name}")
        await connection.close()


@pytest.fixture(scope="module")
def filled(stock: Stock) -> Iterator[str]:
    """A database with all the rows, which these tests only read."""
    name = stock.take()
    asyncio.run(fill(stock.dsn(name)))
    yield stock.dsn(name)
    stock.give_back(name)


@pytest.fixture
async def world(filled: str) -> AsyncIterator[World]:
    async with three_kinds(filled) as one:
        yield one


@pytest.fixture
async def explaining(filled: str) -> AsyncIterator[Explaining]:
    connection = await connect(filled, "test plans", **{**LONG_SETTINGS, "statement_timeout": "0"})
    yield Explaining(connection)
    await connection.close()


async def test_every_filter_and_every_sort_goes_by_an_index(world: World, explaining: Explaining) -> None:
    schema = world.here.follower.schema
    assert MODEL in schema
    lists = Lists(ENTRIES, explaining)
    assert VIEW.filters.keys() == SELECTIVE.keys(), "a filter is not tried"
    for name, value in SELECTIVE.items():
        for asked in (
            Asked(None, {name: value}, "-published_at", PAGE),
            Asked(None, {name: value}, "-published_at", PAGE, total=True),
        ):
            await lists.page(VIEW, schema, asked, None)
            assert [] == scanned(explaining.plans[-1]), (name, explaining.plans[-1])
    for sort in names(VIEW):
        asked = Asked(None, {}, sort, PAGE)
        real = await Lists(ENTRIES, world.here.read.sources.tables).page(VIEW, schema, asked, None)
        nothing = (*(None for _ in order_of(VIEW, sort, None).columns), MANY // 2)
        for after in (None, real.last, *([nothing] if order_of(VIEW, sort, None).nullable else [])):
            await lists.page(VIEW, schema, asked, after)
            plan = explaining.plans[-1]
            assert ([], []) == (scanned(plan), sorted_whole(plan)), (sort, after)
    two = {"flagship": ["f-17"], "partner": ["s-77"]}
    await lists.page(VIEW, schema, Asked(None, two, "title", PAGE, tuple(VIEW.facets), total=True), None)
    assert ["facets_museum"] != scanned(explaining.plans[-1])


async def test_facets_of_single_values_and_the_total_are_counted_by_one_look_at_the_items(
    world: World, explaining: Explaining
) -> None:
    schema, lists = world.here.follower.schema, Lists(ENTRIES, explaining)
    asked = Asked(None, {"hall": ["hall 3"]}, "-published_at", PAGE, ("status", "code", "free"), total=True)
    await lists.page(VIEW, schema, asked, None)
    assert 2 == len(looks(explaining.plans[-1])), "the other one is for the page"


async def test_entries_that_items_name_are_counted_without_the_table_of_relations(
    world: World, explaining: Explaining
) -> None:
    schema, lists = world.here.follower.schema, Lists(ENTRIES, explaining)
    filters = {"aircraft": "100..4000"}
    await lists.page(VIEW, schema, Asked(None, filters, "title", PAGE, ("partner", "branch_of")), None)
    assert [] == looks(explaining.plans[-1], "relation")


async def test_the_timeline_begins_where_it_is_asked_to_begin(world: World, explaining: Explaining) -> None:
    views = {"museum": VIEW}
    await timeline(explaining, views, world.here.follower.schema, days=(date(1995, 1, 1), date.max))
    usual, long = looks(explaining.plans[-1])
    assert "founded_earliest >= '1993-12-31'::date" in usual["Index Cond"]
    assert "facets_museum_founded_long" in {one.get("Index Name") for one in nodes(long)}
    assert [] == scanned(explaining.plans[-1])
