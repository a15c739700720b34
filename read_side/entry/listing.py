"""Lists of what is published: filtered, sorted, and continued after the last item seen."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from kit.postgres.connect import quoted
from read_side.entry.filters import conditions as conditions_of
from read_side.entry.kind import KindView
from read_side.entry.sorting import order_of, reached
from read_side.tables import Tables

_LIST = """
select c.position as stamp, l.*
  from project.cursor c
  left join lateral (
    select {columns} from {schema}.listing t where {condition} order by {order} limit $1
  ) l on true
 where c.schema = '{name}'"""


class Asked(NamedTuple):
    """What a list is asked for."""

    locale: str | None
    filters: Mapping[str, Any]
    """Query parameter of the kind → what was given."""
    sort: str
    limit: int

    def after(self, kind: KindView) -> Any:
        """Return what a cursor of this list holds: the sort values of the last item seen."""
        return order_of(kind, self.sort).held

    def question(self, kind: KindView) -> str:
        """Return what the pages of one list have in common."""
        return repr((kind.name, self.locale, sorted(self.filters.items()), self.sort))


class ListPage(NamedTuple):
    """Some items of a list."""

    items: Sequence[dict[str, Any]]
    stamp: int
    """Cursor of the read schema in the snapshot that was read."""
    last: tuple[Any, ...] | None
    """Sort values of the last item when there are more."""


async def page(
    tables: Tables, kind: KindView, schema: str, asked: Asked, after: tuple[Any, ...] | None
) -> ListPage:
    """Read one page with one statement.

    Args:
        tables: where to read.
        kind: what is listed.
        schema: of the read model.
        asked: filters, sort and size.
        after: sort values of the last item seen, as `Page.last` gave them.

    Raises:
        Problem: 503 when the database does not answer.
    """
    values: list[Any] = [asked.limit + 1]
    conditions = list(_conditions(kind, asked, values))
    order = order_of(kind, asked.sort)
    if after is not None:
        conditions.append(order.after(after, values))
    keys = (f"t.{quoted(column)} as key_{number}" for number, column in enumerate(order.columns))
    sql = _LIST.format(
        columns=", ".join((*map(_column, kind.list_fields), *keys, "t.sort_position")),
        schema=quoted(schema),
        condition=" and ".join(conditions) or "true",
        order=order.sql,
        name=schema,
    )
    rows = await tables.rows(sql, *values)
    if not rows:
        return ListPage((), 0, None)
    found = [row for row in rows if row["id"] is not None]
    items = [{name: row[name] for name in kind.list_fields} for row in found[: asked.limit]]
    last = reached(order, found[asked.limit - 1]) if len(found) > asked.limit else None
    return ListPage(items, rows[0]["stamp"], last)


def _column(name: str) -> str:
    return "t.id::text as id" if name == "id" else f"t.{quoted(name)}"


def _conditions(kind: KindView, asked: Asked, values: list[Any]) -> Iterator[str]:
    """Yield the conditions of the filters, and put what they compare with behind `values`."""
    if asked.locale is not None:
        values.append(asked.locale)
        yield f"t.locale = ${len(values)}"
    yield from conditions_of(kind.filters, asked.filters, values)
