"""Cards of the entries that others name, brought along with a list or a document: `include=`."""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import orjson

from kit.postgres.connect import quoted
from read_side.entry.kind import KindView, entry_tag
from read_side.tables import Tables

MAX_INCLUDES = 5
"""Fields that one query may include."""

MOST = 20
"""Entries that are brought along of each field of an entry: the first ones that it names."""

STATEMENTS = 500
"""Statements that are made once: one for each choice of kinds that are named."""

type Tree = Mapping[str, "Tree"]
"""Field that is included → what is included of the entries that it names."""

_CARDS = """
select c.position as stamp, n.entry, n.field, n.target, n.kind, n.item, n.card
  from project.cursor c
  left join lateral (
    select x.entry::text, x.number, x.field, x.target::text, x.item::text, t.kind, k.card::text
      from (select entry, number, field, target, item,
                   row_number() over (partition by entry, field order by number) as place
              from {schema}.relation where entry = any($1::uuid[]) and field = any($2::text[])) x
      left join {schema}.entry t on t.id = x.target and t.title is not null
      left join lateral ({cards}
      ) k on true
     where x.place <= {most}
  ) n on true
 where c.schema = '{name}'
 order by n.entry, n.number"""

_CARD = """
        select row_to_json(f) as card
          from (select {members} from {schema}.{table} where id = x.target) f where t.kind = '{kind}'"""


class Cards(NamedTuple):
    """What is brought along with some entries."""

    of: Mapping[str, Mapping[str, Sequence[dict[str, Any]]]]
    """Id → field → the entries that it names, each with what the field says beside."""
    tags: Sequence[str]
    """Of all that are named, seen by readers or not."""
    stamp: int
    """Cursor of the read schema in the oldest snapshot that was read."""


class Includes:
    """Knows what can be brought along, and brings it.

    Args:
        views: all kinds of a log.
        tables: where to read.
    """

    def __init__(self, views: Mapping[str, KindView], tables: Tables) -> None:
        self._views = views
        self._tables = tables
        self._statement = lru_cache(STATEMENTS)(self._made)

    def names(self, view: KindView) -> tuple[str, ...]:
        """Return what can be included with a kind: fields that name entries, and such fields of theirs."""
        found = dict.fromkeys(view.relations)
        for field in view.relations:
            for kind in self._kinds([view], [field]):
                found |= dict.fromkeys(f"{field}.{name}" for name in kind.relations)
        return tuple(found)

    def tree(self, names: Iterable[str]) -> Tree:
        """Return what is included, one step after the other."""
        found: dict[str, dict[str, Tree]] = {}
        for name in names:
            field, _, inner = name.partition(".")
            found.setdefault(field, {}).update({inner: {}} if inner else {})
        return found

    async def cards(self, views: Sequence[KindView], schema: str, ids: Sequence[str], tree: Tree) -> Cards:
        """Read what is brought along with some entries: one statement for each step.

        Args:
            views: kinds of the entries.
            schema: of the read model.
            ids: of the entries.
            tree: what is included.

        Raises:
            Problem: 503 when the database does not answer.
        """
        kinds = self._kinds(views, tree)
        sql = self._statement(schema, tuple(kind.name for kind in kinds))
        rows = await self._tables.rows(sql, list(ids), list(tree))
        named = [row for row in rows if row["entry"] is not None]
        of: dict[str, dict[str, list[dict[str, Any]]]] = {one: {} for one in ids}
        further: list[tuple[dict[str, Any], Tree]] = []
        for row in named:
            if row["card"] is None:
                continue
            entry = {"kind": row["kind"]} | orjson.loads(row["card"])
            beside = {} if row["item"] is None else {"item": orjson.loads(row["item"])}
            of[row["entry"]].setdefault(row["field"], []).append({"entry": entry} | beside)
            if inner := tree[row["field"]]:
                further.append((entry, inner))
        tags = [entry_tag(row["target"]) for row in named]
        stamp = rows[0]["stamp"] if rows else 0
        if further:
            wanted = {name: one for _, inner in further for name, one in inner.items()}
            more = await self.cards(kinds, schema, list({one["id"]: None for one, _ in further}), wanted)
            for entry, inner in further:
                fields = [name for name in inner if name in self._views[entry["kind"]].relations]
                entry["included"] = {name: more.of[entry["id"]].get(name, []) for name in fields}
            tags += more.tags
            stamp = min(stamp, more.stamp)
        return Cards(of, tuple(dict.fromkeys(tags)), stamp)

    def _kinds(self, views: Iterable[KindView], fields: Iterable[str]) -> list[KindView]:
        """Return the kinds of the entries that some fields name."""
        named = (view.kinds_in(one) for view in views for one in fields if one in view.relations)
        return [self._views[kind] for kind in dict.fromkeys(kind for kinds in named for kind in kinds)]

    def _made(self, schema: str, kinds: Sequence[str]) -> str:
        place = quoted(schema)
        cards = "\n         union all".join(
            _CARD.format(
                members=", ".join(map(quoted, self._views[kind].card_fields)),
                schema=place,
                table=quoted(f"facets_{kind}"),
                kind=kind,
            )
            for kind in kinds
        )
        return _CARDS.format(schema=place, cards=cards, most=MOST, name=schema)
