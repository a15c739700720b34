"""Every declared sort of a list: its pages neither repeat nor lose what stays, whatever comes and goes."""

from collections.abc import AsyncIterator
from typing import Any

import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kit.postgres.connect import connect
from read_side.entry.lists.page import Asked, Lists
from read_side.entry.lists.sorting import names
from tests.read_side.kinds.world import ENTRIES, World
from tests.read_side.lists.rows import TABLES, VIEW, id_of, listed, write

NUMBERS = st.sets(st.integers(0, 30), max_size=14)

VALUES = {
    "title": ({"en": "Ulm", "ru": None}, {"en": None, "ru": "Монино"}, {"en": "ulm", "ru": "Ульм"}),
    "flagship": ("", "an-2", "tu-144"),
    "aircraft": (None, "unknown", 0, 7),
    "area": (None, {"value": "7"}, {"value": "7.0", "high": "8"}, {"value": "12", "about": True}),
    "founded": ("unknown", {"edtf": "1941"}, {"edtf": "1941-01-01"}, {"edtf": "../1941"}, {"edtf": "194X"}),
}
"""Few of each, so that many are equal and many are null."""


class Scratch:
    """A list whose rows a test writes itself."""

    def __init__(self, connection: Any, world: World) -> None:
        self.connection = connection
        self.schema = world.here.follower.schema
        self.lists = Lists(ENTRIES, world.here.read.sources.tables)
        self.table = TABLES.facets["museum"]
        self.there: set[int] = set()

    async def become(self, numbers: set[int]) -> None:
        """Let exactly these museums be listed."""
        gone, new = self.there - numbers, numbers - self.there
        rows = (listed(one, **{name: few[one % len(few)] for name, few in VALUES.items()}) for one in new)
        async with self.connection.transaction():
            await self.connection.execute(
                f"delete from {self.schema}.facets_museum where id = any($1)", [id_of(one) for one in gone]
            )
            await write(self.connection, self.schema, self.table, rows)
        self.there = set(numbers)


@pytest_asyncio.fixture
async def scratch(world: World) -> AsyncIterator[Scratch]:
    connection = await connect(world.here.dsn, "test rows")
    yield Scratch(connection, world)
    await connection.close()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    first=NUMBERS,
    moves=st.lists(NUMBERS, max_size=6),
    sort=st.sampled_from(names(VIEW)),
    locale=st.sampled_from([None, "ru"]),
    limit=st.integers(1, 4),
)
async def test_pages_of_every_sort_are_stable_while_items_come_and_go(
    scratch: Scratch, first: set[int], moves: list[set[int]], sort: str, locale: str | None, limit: int
) -> None:
    await scratch.become(first)
    stayed, steps = set(first), iter(moves)
    found: list[str] = []
    after: tuple[Any, ...] | None = None
    while True:
        page = await scratch.lists.page(VIEW, scratch.schema, Asked(locale, {}, sort, limit), after)
        found += [item["slug"] for item in page.items]
        if page.last is None:
            break
        after = page.last
        now = next(steps, scratch.there)
        stayed &= now
        await scratch.become(now)
    assert len(found) == len(set(found)), "nothing comes twice"
    assert {f"s-{number}" for number in stayed} <= set(found), "nothing that stays is lost"
    whole = await scratch.lists.page(VIEW, scratch.schema, Asked(locale, {}, sort, 100), None)
    order = [item["slug"] for item in whole.items]
    kept = {f"s-{number}" for number in stayed}
    assert [one for one in order if one in kept] == [one for one in found if one in kept], "in their order"
