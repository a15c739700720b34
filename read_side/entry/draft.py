"""The working copy of an entry: its newest revision and its state, for those who may edit."""

from typing import Any, NamedTuple
from uuid import UUID

import orjson

from kit.postgres.connect import quoted
from read_side.entry.kind import LONG, OF_LOCALIZED, KindView
from read_side.entry.parts import HELD, text_in
from read_side.tables import Tables

_DRAFT = f"""
select e.subject::text, e.locale, e.slug, e.version, e.revision, e.draft, e.submitted, e.publication,
       e.pinned, e.comment, e.created_at, e.updated_at, e.published_at, e.first_published_at,
       e.content::text, e.translated_from, b.whole, b.parts,
       (select min(position) from project.parked where schema = {{name}} and stream = e.id) as parked
  from {{schema}}.entry e
  left join lateral ({
    HELD.format(schema="{schema}", entry="e.id", base="e.body_base", revision="e.body_revision")
}
  ) b on true
 where e.id = $1 and e.kind = $2"""

_PARKED = """
select min(position) as parked from project.parked
 where schema = $1 and stream = $2
   and not exists (select from {schema}.entry where id = $2 and kind <> $3)"""

STATE = (
    "subject",
    "locale",
    "slug",
    "version",
    "revision",
    "draft",
    "submitted",
    "publication",
    "pinned",
    "comment",
    "created_at",
    "updated_at",
    "published_at",
    "first_published_at",
    "translated_from",
)
"""Members of a working copy beside its fields."""


def state_of(view: KindView) -> tuple[str, ...]:
    """Return those of a kind."""
    return STATE if view.localized else tuple(one for one in STATE if one not in OF_LOCALIZED)


class Draft(NamedTuple):
    """A working copy as JSON."""

    body: bytes
    version: int
    """Version of the entry's stream."""
    parked: int | None


async def draft(tables: Tables, view: KindView, schema: str, id_: UUID) -> Draft | None:
    """Read the working copy of an entry; None when there is no such entry.

    Raises:
        Damaged: its text is not the one that was written.
        Problem: 503 when the database does not answer.
    """
    row: Any = await tables.row(_DRAFT.format(schema=quoted(schema), name=f"'{schema}'"), id_, view.name)
    if row is None:
        return None
    state = {"id": str(id_), "kind": view.name} | {name: row[name] for name in state_of(view)}
    head = orjson.dumps(state, option=orjson.OPT_UTC_Z)
    long = b',"%s":%s' % (LONG.encode(), orjson.dumps(text_in(row))) if view.has_body else b""
    body = b"".join((head[:-1], b",", row["content"][1:-1].encode(), long, b"}"))
    return Draft(body, row["version"], row["parked"])


async def parked(tables: Tables, view: KindView, schema: str, id_: UUID) -> int | None:
    """Return the first position that was put aside for an entry, which may not be there for that reason.

    What is put aside of an entry of another kind says nothing here.

    Raises:
        Problem: 503 when the database does not answer.
    """
    row = await tables.row(_PARKED.format(schema=quoted(schema)), schema, id_, view.name)
    found: int | None = row["parked"]
    return found
