"""Cursors, and pages that neither repeat nor lose what stays."""

from base64 import urlsafe_b64decode
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import asyncpg
import pytest
import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kit.errors import Problem
from kit.ids import named_id
from read_side.answers.paging import Cursors
from read_side.entry.kinds import ENTRIES, VIEWS
from read_side.entry.lists.page import Asked, Lists
from read_side.tables import Tables
from tests.read_side.site import Site

VIEW = VIEWS["article"]
TEXT = st.text(st.characters(exclude_categories=["Cs"]))
KEY = bytes(range(32))
LOG = named_id("test", "log")


@given(TEXT, st.integers(0, 2**53), st.uuids(), TEXT)
def test_a_cursor_comes_back_as_it_went(title: str, number: int, id_: UUID, question: str) -> None:
    cursors = Cursors(KEY, LOG)
    cursor = cursors.seal(question, (title, number, id_))
    assert (title, number, id_) == cursors.open(question, cursor, tuple[str, int, UUID])
    assert cursor == cursors.seal(question, (title, number, id_)), "an unchanged page stays unchanged"


@given(TEXT, st.data())
def test_a_cursor_that_was_touched_is_refused(title: str, data: st.DataObject) -> None:
    cursors = Cursors(KEY, LOG)
    cursor = cursors.seal("question", (title,))
    at = data.draw(st.integers(0, len(cursor) - 1))
    other = data.draw(st.sampled_from("Ab0_-=+ é").filter(lambda sign: sign != cursor[at]))
    for changed in (cursor[:at] + other + cursor[at + 1 :], cursor + other, cursor[:at], "", "A" * 2_000):
        with pytest.raises(Problem) as refused:
            cursors.open("question", changed, tuple[str])
        assert (400, "invalid-cursor") == (refused.value.status, refused.value.type)


def test_a_cursor_of_another_key_another_log_or_another_question_is_refused() -> None:
    cursor = Cursors(KEY, LOG).seal("question", (1,))
    for key, log, question in (
        (KEY[::-1], LOG, "question"),
        (KEY, named_id("log"), "question"),
        (KEY, LOG, "another"),
    ):
        with pytest.raises(Problem):
            Cursors(key, log).open(question, cursor, tuple[int])


def test_a_cursor_says_nothing_of_what_it_holds() -> None:
    cursor = Cursors(KEY, LOG).seal("question", ("a title",))
    assert b"title" not in urlsafe_b64decode(cursor + "===")


class Scratch:
    """A list whose rows a test writes itself."""

    def __init__(self, connection: Any, tables: Tables, schema: str) -> None:
        self.connection = connection
        self.tables = tables
        self.schema = schema

    async def become(self, numbers: set[int]) -> None:
        """Let exactly these items be listed."""
        async with self.connection.transaction():
            await self.connection.execute(
                f"delete from {self.schema}.facets_article where not revision = any($1)", list(numbers)
            )
            await self.connection.execute(
                f"insert into {self.schema}.facets_article (id, locale, slug, title, summary, tags, category,"
                " published_at, updated_at, revision, sort_title, sort_position)"
                " select md5(n::text)::uuid, 'en', 's-' || n, 't' || n % 3, '', '{}', '',"
                " timestamptz '2026-01-01' + n % 4 * interval '1 s', now(), n,"
                " convert_to('t' || n % 3, 'UTF8'), n from unnest($1::int[]) n"
                " on conflict do nothing",
                list(numbers),
            )


@pytest_asyncio.fixture
async def scratch(here: Site) -> AsyncIterator[Scratch]:
    connection = await asyncpg.connect(here.dsn)
    yield Scratch(connection, here.read.sources.tables, here.follower.schema)
    await connection.close()


MOVES = st.lists(st.tuples(st.sampled_from(["add", "drop"]), st.integers(0, 30)), max_size=12)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    first=st.sets(st.integers(0, 30), min_size=1, max_size=12),
    moves=MOVES,
    sort=st.sampled_from(["-published_at", "title"]),
)
async def test_paging_is_stable_while_items_come_and_go(
    scratch: Scratch, first: set[int], moves: list[tuple[str, int]], sort: Any
) -> None:
    """What stays from the first page to the last comes exactly once, whatever comes and goes meanwhile."""
    await scratch.become(first)
    there, stayed = set(first), set(first)
    found: list[str] = []
    after: tuple[Any, ...] | None = None
    steps = iter(moves)
    lists = Lists(ENTRIES, scratch.tables)
    while True:
        one = await lists.page(VIEW, scratch.schema, Asked(None, {}, sort, 2), after)
        found += [item["slug"] for item in one.items]
        if one.last is None:
            break
        after = one.last
        for what, number in (step for step, _ in zip(steps, range(2), strict=False)):
            if what == "drop":
                there.discard(number)
                stayed.discard(number)
            else:
                there.add(number)
        await scratch.become(there)
    assert len(found) == len(set(found))
    assert {f"s-{number}" for number in stayed} <= set(found)
