"""The family of an aircraft: what it came from, what came of it, and its siblings by maker, as a graph."""

from collections.abc import Collection, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from kit.postgres.connect import quoted
from read_side.entry.kind import entry_tag
from read_side.tables import Tables

KIN = ("variant_of", "developed_from", "predecessor", "successor")
"""The fields by which aircraft are kin."""

MAKERS = "manufacturers"

MOST = 200
"""Members of a family, at the most: the nearest ones."""

SIBLINGS = 20
"""Other aircraft of the same makers, at the most."""

_NEAR = """
select x.entry::text as entry, x.target::text as target, x.field
  from {schema}.relation x
  join {schema}.entry a on a.id = x.entry and a.title is not null
  join {schema}.entry b on b.id = x.target and b.title is not null
 where (x.entry = any($1::uuid[]) or x.target = any($1::uuid[])) and x.field = any($2)
 order by x.entry, x.number limit $3"""

_SIBLINGS = """
select distinct x.entry::text as entry, m.target::text as target, x.field
  from {schema}.relation m
  join {schema}.entry b on b.id = m.target and b.title is not null
  join {schema}.relation x on x.target = m.target and x.field = m.field and x.entry <> m.entry
  join {schema}.entry a on a.id = x.entry and a.title is not null
 where m.entry = $1::uuid and m.field = $2
 order by target, entry limit $3"""

_CARDS = """
select id::text, kind, slug, title from {schema}.entry
 where id = any($1::uuid[]) and title is not null order by id"""


class Family(NamedTuple):
    """A graph of entries."""

    members: Sequence[dict[str, Any]]
    bonds: Sequence[dict[str, str]]
    whole: bool
    """Whether nobody was left out."""
    tags: tuple[str, ...]


async def family(tables: Tables, schema: str, root: str, depth: int) -> Family:
    """Read the family of an aircraft, with at most one statement a step and two more.

    Args:
        tables: where to read.
        schema: of the read model.
        root: id of an aircraft that readers see.
        depth: steps from it.

    Raises:
        Problem: 503 when the database does not answer.
    """
    known, edge, bonds, whole = {root}, {root}, {}, True
    for _ in range(depth):
        if not edge:
            break
        rows = await tables.rows(_statement(_NEAR, schema), list(edge), list(KIN), MOST + 1, long=True)
        edge = set()
        for row in rows:
            fresh = {row["entry"], row["target"]} - known
            if len(known) + len(fresh) > MOST:
                whole = False
                continue
            known |= fresh
            edge |= fresh
            bonds[row["entry"], row["target"], row["field"]] = _bond(row)
        whole = whole and len(rows) <= MOST
    beside = await tables.rows(_statement(_SIBLINGS, schema), root, MAKERS, SIBLINGS + 1, long=True)
    for row in beside[:SIBLINGS]:
        known |= {row["entry"], row["target"]}
        bonds[row["entry"], row["target"], row["field"]] = _bond(row)
    whole = whole and len(beside) <= SIBLINGS
    cards = await tables.rows(_statement(_CARDS, schema), sorted(known))
    there = {card["id"] for card in cards}
    kept = [one for one in bonds.values() if there >= {one["from"], one["to"]}]
    return Family([dict(card) for card in cards], kept, whole, _tags(known))


def _bond(row: Mapping[str, Any]) -> dict[str, str]:
    return {"from": row["entry"], "to": row["target"], "relation": row["field"]}


def _tags(known: Collection[str]) -> tuple[str, ...]:
    return tuple(map(entry_tag, sorted(known)))


@cache
def _statement(form: str, schema: str) -> str:
    return form.format(schema=quoted(schema))
