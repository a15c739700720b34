"""The revisions of an entry: who changed what, when and why, and the whole content of each."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

import orjson

from kit.postgres.connect import quoted
from read_side.entry.kind import LONG, KindView, without_languages
from read_side.entry.other_entries import unseen
from read_side.entry.parts import HELD, text_in
from read_side.tables import Tables

_FACTS = (
    "r.revision, r.version, r.position, r.event::text, r.at, r.actor::text, r.client, r.reason, r.changed, "
    "r.reverts, r.translated_from, r.published_at, r.source_time"
)

SOURCE = "translated_from"
"""What belongs to a revision beside its content; a comparison shows it like a field."""

_ENTRY = """
select c.position as stamp, e.id is not null as visible, {facts},
       (select min(position) from project.parked
         where schema = c.schema and stream = $1
           and not exists (select from {schema}.entry where id = $1 and kind <> $2)) as parked
  from project.cursor c
  left join {schema}.entry e on e.id = $1 and e.kind = $2 {seen}
  left join lateral (
    select r.* from {schema}.revision r
     where r.entry = e.id {published} and {condition}
     order by r.revision desc limit $3
  ) r on true
  {more}
 where c.schema = '{name}'
 order by r.revision desc"""

_PUBLIC = """and r.published_at is not null and (e.hidden is null or not exists (
       select from json_array_elements_text(e.hidden) h(n) where h.n::int = r.revision))"""
"""What was published and not taken back since."""

_REVERTS_FOR_READERS = f"""case when exists (
       select from {{schema}}.revision b where b.entry = r.entry and b.revision = r.reverts
       {_PUBLIC.replace("r.", "b.")}) then r.reverts end as reverts"""
"""The number of a revision that they may not see is not told them either."""

_WITH_CONTENT = f"""
  left join {{schema}}.revision n on n.entry = r.entry and n.revision = r.content_revision
  left join lateral ({
    HELD.format(schema="{schema}", entry="r.entry", base="r.body_base", revision="r.body_revision")
}
  ) b on true"""


class History(NamedTuple):
    """Revisions of one entry, newest first."""

    revisions: Sequence[Any]
    stamp: int
    """Cursor of the read schema in the snapshot that was read."""
    parked: int | None
    """First position that was put aside for this entry."""
    visible: bool = True
    """Whether there is such an entry for the one who asks."""
    named: frozenset[str] = frozenset()
    """Entries that they name, for those who see only published ones."""
    hidden: frozenset[str] = frozenset()
    """Those of them that were left out, since readers do not see them."""


async def revisions(
    tables: Tables, view: KindView, schema: str, id_: UUID, *, everything: bool, before: int, limit: int
) -> History:
    """Read what happened to an entry.

    Args:
        tables: where to read.
        view: its kind.
        schema: of the read model.
        id_: the entry.
        everything: also what was never published, and of entries that are not published now.
        before: only revisions with a lower number.
        limit: how many at the most.

    Returns:
        Their facts; not visible when there is no such entry for the one who asks. Without `everything` they
        name no entry that readers do not see.

    Raises:
        Problem: 503 when the database does not answer.
    """
    sql = _statement(schema, _FACTS, "r.revision < $4", "", everything=everything)
    rows = await tables.rows(sql, id_, view.name, limit, before)
    found = _history(rows, [_facts(view, row) for row in rows if row["revision"] is not None])
    return found if everything else await _for_readers(tables, view, schema, found)


async def chosen(
    tables: Tables, view: KindView, schema: str, id_: UUID, *, everything: bool, numbers: Sequence[int]
) -> History:
    """Read the facts of some revisions, newest first; arguments as above.

    Raises:
        Problem: 503 when the database does not answer.
    """
    sql = _statement(schema, _FACTS, "r.revision = any($4::int[])", "", everything=everything)
    rows = await tables.rows(sql, id_, view.name, len(numbers), list(numbers))
    found = _history(rows, [_facts(view, row) for row in rows if row["revision"] is not None])
    return found if everything else await _for_readers(tables, view, schema, found)


async def contents(
    tables: Tables, view: KindView, schema: str, id_: UUID, *, everything: bool, numbers: Sequence[int]
) -> History:
    """Read some revisions with their facts and their whole content, newest first; arguments as above.

    Raises:
        Damaged: a text is not the one that was written.
        Problem: 503 when the database does not answer.
    """
    columns = f"{_FACTS}, n.content, b.whole, b.parts"
    sql = _statement(schema, columns, "r.revision = any($4::int[])", _WITH_CONTENT, everything=everything)
    rows = await tables.rows(sql, id_, view.name, len(numbers), list(numbers))
    found = [
        _facts(view, row) | {"content": row["content"] | ({LONG: text_in(row)} if view.has_body else {})}
        for row in rows
        if row["revision"] is not None
    ]
    history = _history(rows, found)
    return history if everything else await _for_readers(tables, view, schema, history)


async def _for_readers(tables: Tables, view: KindView, schema: str, found: History) -> History:
    """Return a history without the entries that readers do not see now."""
    named = frozenset().union(*(_named_in(view, one) for one in found.revisions))
    hidden = await unseen(tables, schema, named)
    shown = [without(view, one, hidden) for one in found.revisions]
    return found._replace(revisions=shown, named=named, hidden=hidden)


def _named_in(view: KindView, facts: Mapping[str, Any]) -> set[str]:
    """Return the ids of the entries that a revision names."""
    source = facts.get(SOURCE)
    return view.named_in(facts.get("content", {})) | ({source["entry"]} if source is not None else set())


def without(view: KindView, facts: Mapping[str, Any], hidden: Collection[str]) -> dict[str, Any]:
    """Return the facts of a revision, and its content where it is among them, without these entries."""
    shown = dict(facts)
    if "content" in shown:
        shown["content"] = view.without(shown["content"], hidden)
    source = shown.get(SOURCE)
    if source is not None and source["entry"] in hidden:
        shown[SOURCE] = None
    return shown


def _history(rows: Sequence[Any], found: Sequence[Any]) -> History:
    if not rows:  # the schema is not there any more
        return History((), 0, None, visible=False)
    return History(found, rows[0]["stamp"], rows[0]["parked"], rows[0]["visible"])


def _facts(view: KindView, row: Any) -> dict[str, Any]:
    facts = {
        "revision": row["revision"],
        "version": row["version"],
        "position": row["position"],
        "event": row["event"],
        "at": row["at"],
        "actor": row["actor"],
        "client": row["client"],
        "reason": row["reason"],
        "changed": row["changed"],
        "reverts": row["reverts"],
        "translated_from": row["translated_from"],
        "published_at": row["published_at"],
        "source_time": row["source_time"],
    }
    return facts if view.localized else without_languages(facts)


def as_json(value: Any) -> bytes:
    """Return JSON bytes; moments in UTC with a Z."""
    return orjson.dumps(value, option=orjson.OPT_UTC_Z)


def _statement(schema: str, facts: str, condition: str, more: str, *, everything: bool) -> str:
    place = quoted(schema)
    if not everything:
        facts = facts.replace("r.reverts", _REVERTS_FOR_READERS.format(schema=place))
    return _ENTRY.format(
        schema=place,
        name=schema,
        facts=facts,
        condition=condition,
        seen="" if everything else "and e.publication = 'pinned'",
        published="" if everything else _PUBLIC,
        more=more.format(schema=place),
    )
