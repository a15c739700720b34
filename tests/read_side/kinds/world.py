"""Three kinds of entries in one log, and what readers are told of them by every way there is."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any
from urllib.parse import unquote

import httpx2
import orjson

from events.base import Locale
from events.catalog import events_of, upcasters_of
from events.codec import Codec
from events.kind import Kind
from events.kinds.article import ARTICLE
from projections.entry.projection import entry_projection
from read_side.answers.answer import Answer
from read_side.entry.api import entry_queries
from read_side.entry.document import find, read_address
from read_side.entry.kinds import Entries
from tests.given.bureau import BUREAU
from tests.given.entries import Entry
from tests.given.museum import MUSEUM
from tests.read_side.site import EDITORS, Site, site

KINDS = (ARTICLE, MUSEUM, BUREAU)
ENTRIES = Entries(KINDS)
VIEWS = ENTRIES.views
PROJECTION = entry_projection(ENTRIES)
PROJECTIONS = (PROJECTION,)
CODEC = Codec(events_of(KINDS), upcasters_of(KINDS))

type Told = tuple[int, bytes | str]
"""Status, and the body or the place that a redirect names."""


class World:
    """A site with entries of three kinds."""

    def __init__(self, here: Site) -> None:
        self.here = here
        self.log = here.log
        self.entries: list[Entry] = []

    def article(self, slug: str, locale: Locale = "en", **content: Any) -> Entry:
        return self.add(ARTICLE, slug, locale=locale, **content)

    def museum(self, slug: str, **content: Any) -> Entry:
        return self.add(MUSEUM, slug, **content)

    def bureau(self, slug: str, **content: Any) -> Entry:
        return self.add(BUREAU, slug, **content)

    def add(self, kind: Kind, slug: str, **how: Any) -> Entry:
        self.entries.append(Entry(self.log, kind, slug, **how))
        return self.entries[-1]

    async def get(self, path: str, **query: Any) -> httpx2.Response:
        return await self.here.get(path, **query)

    async def read(self, path: str, **query: Any) -> dict[str, Any]:
        """Return a document that is there."""
        answer = await self.here.get(path, **query)
        assert answer.status_code == 200, (path, answer.status_code, answer.text)
        found: dict[str, Any] = answer.json()
        return found

    async def statuses(self, *paths: str) -> list[int]:
        return [(await self.here.get(path)).status_code for path in paths]

    async def warm(self, *paths: str) -> None:
        """Have answers kept, and prove that they are."""
        for path in paths:
            await self.here.get(path)
            assert self.here.kept(path) is not None, path

    async def shown(self) -> int:
        return await self.here.shown()

    async def from_rows(self, path: str) -> Told:
        """Return what the rows say now, past everything that is kept anywhere."""
        _, _, plural, address = path.split("/")
        view = next(one for one in VIEWS.values() if one.path == plural)
        asked = read_address(view, unquote(address))
        if asked is None:
            return 404, b""
        found = await find(self.here.read.sources.tables, view, self.here.follower.schema, asked)
        return as_told(found.answer)

    async def every_way(self, path: str) -> dict[str, Told]:
        """Return what readers are told under a path: kept or not, of Redis, of the rows."""
        first = told(await self.here.get(path))
        again = told(await self.here.get(path))
        known = told(await self.here.get(path, EDITORS))
        return {"rows": await self.from_rows(path), "first": first, "again": again, "known": known}

    async def agrees(self, *paths: str) -> None:
        """Check that every way tells the same under each path."""
        for path in paths:
            ways = await self.every_way(path)
            assert len(set(ways.values())) == 1, (path, ways)


def as_told(answer: Answer | None) -> Told:
    if answer is None:
        return 404, b""
    return answer.status, answer.location or answer.body


def told(answer: httpx2.Response) -> Told:
    if answer.status_code == 404:
        return 404, b""
    assert answer.status_code in {200, 300, 301}, (answer.status_code, answer.text)
    return answer.status_code, answer.headers.get("location") or answer.content


def names(document: dict[str, Any], member: str) -> list[tuple[str, str]]:
    """Return what a document says of others: (field or kind, slug)."""
    first = "kind" if member == "links" else "field"
    return [(one[first], one["slug"]) for one in document[member]]


def tags_of(here: Site, path: str) -> set[str]:
    """Return the purge tags of a kept answer."""
    key = path.encode(), b""
    return set(here.layer._kept[key].tags)  # noqa: SLF001 - nothing else tells them


def parsed(body: bytes) -> Any:
    return orjson.loads(body)


@asynccontextmanager
async def three_kinds(dsn: str, **options: Any) -> AsyncIterator[World]:
    """Serve three kinds of entries from one log."""
    queries = [partial(entry_queries, ENTRIES)]
    async with site(dsn, PROJECTION, CODEC, queries=queries, **options) as here:
        yield World(here)
