"""The family of an aircraft: what it came from, what came of it, and its siblings by maker, as a graph."""

from collections.abc import Mapping, Sequence
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
select x.entry::text as entry, x.target::text as target, x.field, b.title is not null as seen
  from {schema}.relation x
  left join {schema}.entry b on b.id = x.target
 where (x.entry = any($1::uuid[]) or x.target = any($1::uuid[])) and x.field = any($2)
 order by b.title is null, x.entry, x.number limit $3"""

_SIBLINGS = """
select m.target::text as target, x.entry::text as entry, $2::text as field
  from (select distinct target from {schema}.relation where entry = $1::uuid and field = $2) m
  left join {schema}.entry b on b.id = m.target
  left join lateral (
    select distinct entry from {schema}.relation
     where target = m.target and field = $2 and entry <> $1::uuid and b.title is not null
     order by entry limit $3
  ) x on true
 order by m.target, x.entry"""
"""A row for each sibling; of a maker without any, or one that readers do not see, a row with a null."""

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
    """Of all that are told, and of those that are named and that readers do not see yet."""


async def family(tables: Tables, schema: str, root: str, depth: int, list_tag: str) -> Family:
    """Read the family of an aircraft, with at most one statement a step and two more.

    Args:
        tables: where to read.
        schema: of the read model.
        root: id of an aircraft that readers see.
        depth: steps from it.
        list_tag: of lists of aircraft.

    Raises:
        Problem: 503 when the database does not answer.
    """
    known, edge, bonds, whole = {root}, {root}, {}, True
    hidden: set[str] = set()
    every = True
    for _ in range(depth):
        if not edge:
            break
        rows = await tables.rows(_statement(_NEAR, schema), list(edge), list(KIN), 2 * MOST + 1, long=True)
        hidden.update(row["target"] for row in rows if not row["seen"])
        edge = set()
        for row in rows:
            if not row["seen"]:
                break
            fresh = {row["entry"], row["target"]} - known
            if len(known) + len(fresh) > MOST:
                whole = False
                continue
            known |= fresh
            edge |= fresh
            bonds[row["entry"], row["target"], row["field"]] = _bond(row)
        whole = whole and (len(rows) <= 2 * MOST or not rows[-1]["seen"])
        every = every and len(rows) <= 2 * MOST
    makers = await tables.rows(_statement(_SIBLINGS, schema), root, MAKERS, SIBLINGS + 1, long=True)
    hidden.update(row["target"] for row in makers)
    beside = [row for row in makers if row["entry"] is not None]
    for row in beside[:SIBLINGS]:
        known |= {row["entry"], row["target"]}
        bonds[row["entry"], row["target"], row["field"]] = _bond(row)
    whole = whole and len(beside) <= SIBLINGS
    cards = await tables.rows(_statement(_CARDS, schema), sorted(known))
    there = {card["id"] for card in cards}
    kept = [one for one in bonds.values() if there >= {one["from"], one["to"]}]
    tags = tuple(map(entry_tag, sorted(known | hidden)))
    if not (whole and every):
        tags += (list_tag,)  # anyone who is seen from now on may take the place of one that was left out
    return Family([dict(card) for card in cards], kept, whole, tags)


def _bond(row: Mapping[str, Any]) -> dict[str, str]:
    return {"from": row["entry"], "to": row["target"], "relation": row["field"]}


@cache
def _statement(form: str, schema: str) -> str:
    return form.format(schema=quoted(schema))
