"""What readers see under an address: a document, another address, or a choice of several."""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import batched
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from msgspec.structs import replace

from kit.cache.store import Cache
from kit.ids import parse_id
from kit.meaning.kept import kept_name
from kit.meaning.values import Meaning
from read_side.answers.answer import Answer, encode, entity_tag
from read_side.entry.kind import KindView, entry_tag, slug_tag
from read_side.entry.shown import document
from read_side.entry.statement import By, statement
from read_side.tables import TOGETHER, Tables

_SLUG = re.compile(r"(?:(ru|en):)?([a-z0-9]{1,120}(?:-[a-z0-9]{1,120}){0,60})")
"""Whatever else an address may be, no slug was ever spelt like it."""


class EntryAddress(NamedTuple):
    """What an address says of one kind: an id, or a slug, in a language or in whichever has it."""

    id: UUID | None
    slug: str = ""
    locale: str | None = None

    @property
    def by(self) -> By:
        """What is looked up."""
        if self.id is not None:
            return "id"
        return "slug" if self.locale is None else "locale"

    @property
    def values(self) -> tuple[Any, ...]:
        """The values of its statement after the kind."""
        if self.id is not None:
            return (self.id,)
        return (self.slug,) if self.locale is None else (self.slug, self.locale)


class Found(NamedTuple):
    """What stands under an address."""

    answer: Answer | None
    """The document, a 301 to the present slug of the entry, or a 300 where several languages have the slug;
    None: readers see nothing there."""
    stamp: int
    """Cursor of the read schema in the snapshot that was read."""
    parked: int | None
    """First position that was put aside for this entry; such an answer is not kept anywhere."""


NOTHING = Found(None, 0, None)


def id_of(answer: Answer) -> UUID:
    """Return the id of the entry that an answer shows, or leads to: its first tag says it."""
    return UUID(answer.tags[0].removeprefix(entry_tag("")))


def read_address(view: KindView, text: str) -> EntryAddress | None:
    """Return what an address of a kind says; None when nothing was ever spelt like it."""
    if (id_ := parse_id(text)) is not None:
        return EntryAddress(id_)
    found = _SLUG.fullmatch(text)
    if found is None or (found[1] is not None and not view.localized):
        return None
    return EntryAddress(None, found[2], found[1])


def document_key(view: KindView, schema: str, address: EntryAddress) -> str:
    """Return the key, within the cache's space, of the answer under an address of a read schema."""
    fingerprint, generation = schema.rsplit("_", 2)[1:]
    place = address.id or f"{address.locale or ''}:{address.slug}"
    return f"{fingerprint}:{generation}:{view.name}:{form()}:{address.by}:{place}"


@cache
def form() -> str:
    """Return a name for the way in which this build makes answers of rows.

    Another build may tell of the same rows something else: neither its copies nor its entity tags count here.
    It is of the code that this process runs, so it has to be asked for when that starts.
    """
    return kept_name("form of answers", lambda: Meaning({"read_side"}, {}).name(find)[:8])


async def find(tables: Tables, view: KindView, schema: str, address: EntryAddress) -> Found:
    """Read what readers see under an address, with one statement.

    Raises:
        Damaged: a text is not the one that was written.
        Problem: 503 when the database does not answer.
    """
    rows = await tables.rows_of(statement(schema, address.by), view.name, *address.values)
    if not rows:
        return NOTHING
    seen = [row for row in rows if row["revision"] is not None]
    stamp: int = rows[0]["stamp"]
    if not seen:
        return Found(None, stamp, None)
    row = seen[0]
    if len(seen) > 1:
        answer = _choice(view, seen)
    elif address.id is None and row["slug"] != address.slug:
        place = view.address(row["locale"], row["slug"])
        answer = Answer(b"", "", (entry_tag(row["id"]),), 301, f"/v1/{view.path}/{place}")
    else:
        answer = document(view, f"{schema} {form()}", row)
    if view.localized and address.by == "slug":
        # Whatever else has this slug, or comes to have it, may become visible: then there is a choice.
        others = [entry_tag(one["id"]) for one in rows]
        tags = (*answer.tags, *others, slug_tag(view.name, address.slug))
        answer = replace(answer, tags=tuple(dict.fromkeys(tags)))
    parked = [one["parked"] for one in seen if one["parked"] is not None]
    return Found(answer, stamp, min(parked, default=None))


def _choice(view: KindView, rows: Sequence[Any]) -> Answer:
    """Return the answer to a slug that several languages have."""
    ways = [_way(view, row) for row in sorted(rows, key=lambda row: str(row["locale"]))]
    body = orjson.dumps({"choices": ways})
    return Answer(body, entity_tag(body), tuple(entry_tag(row["id"]) for row in rows), 300)


def _way(view: KindView, row: Mapping[str, Any]) -> dict[str, Any]:
    place = view.address(row["locale"], row["slug"])
    title = orjson.loads(row["content"])["title"]  # a line: only entries in one language share a slug
    shown = {"id": row["id"], "locale": row["locale"], "slug": row["slug"], "title": title}
    return shown | {"location": f"/v1/{view.path}/{place}"}


async def refresh(
    tables: Tables, copies: Cache, views: Mapping[str, KindView], schema: str, ids: Sequence[UUID]
) -> None:
    """Store the documents of some entries under their present slugs; for projectors, after a commit."""
    for some in batched(ids, TOGETHER):
        for row in await tables.rows(statement(schema, "any"), [None] * len(some), some):
            if row["revision"] is None or row["parked"] is not None:
                continue
            view = views[row["kind"]]
            address = EntryAddress(None, row["slug"], row["locale"])
            answer = document(view, f"{schema} {form()}", row)
            await copies.put(document_key(view, schema, address), row["stamp"], encode(answer))
