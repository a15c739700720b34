"""Lists of what is published: filtered, sorted, and continued after the last item seen."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal, NamedTuple

from msgspec import Meta

from kit.postgres.connect import quoted
from read_side.entry.kind import Kind
from read_side.tables import Tables

Sort = Literal["-published_at", "published_at", "title", "-title"]
"""How lists can be sorted; a minus sorts downwards."""

_POSITION = Annotated[int, Meta(ge=0, le=2**62)]

_AFTER: Mapping[str, Any] = {
    "published_at": tuple[Annotated[datetime, Meta(tz=True)], _POSITION],
    "title": tuple[Annotated[str, Meta(max_length=1_000, pattern=r"\A[^\x00]*\Z")], _POSITION],
}
"""Sort → what a cursor holds: a moment or the key of a title, and the position between equal ones."""

_COLUMNS = {"published_at": "published_at", "title": "sort_title"}
"""Sort → its column."""

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
    filters: Mapping[str, str | Sequence[str]]
    """Query parameter of the kind → value, or values that all must be there."""
    sort: Sort
    limit: int

    @property
    def after(self) -> Any:
        """What a cursor of this list holds: the sort values of the last item seen."""
        return _AFTER[self.sort.removeprefix("-")]

    def question(self, kind: Kind) -> str:
        """Return what the pages of one list have in common."""
        return repr((kind.name, self.locale, sorted(self.filters.items()), self.sort))


class Page(NamedTuple):
    """Some items of a list."""

    items: Sequence[dict[str, Any]]
    stamp: int
    """Cursor of the read schema in the snapshot that was read."""
    last: tuple[Any, int] | None
    """Sort values of the last item when there are more."""


async def page(tables: Tables, kind: Kind, schema: str, asked: Asked, after: tuple[Any, ...] | None) -> Page:
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
    key = _COLUMNS[asked.sort.removeprefix("-")]
    down = asked.sort.startswith("-")
    if after is not None:
        first, position = after
        values += (first.encode() if isinstance(first, str) else first), position
        sign = "<" if down else ">"
        conditions.append(f"(t.{key}, t.sort_position) {sign} (${len(values) - 1}, ${len(values)})")
    direction = "desc" if down else "asc"
    sql = _LIST.format(
        columns=", ".join((*map(_column, kind.list_fields), f"t.{key} as last_key, t.sort_position")),
        schema=quoted(schema),
        condition=" and ".join(conditions) or "true",
        order=f"t.{key} {direction}, t.sort_position {direction}",
        name=schema,
    )
    rows = await tables.rows(sql, *values)
    if not rows:
        return Page((), 0, None)
    found = [row for row in rows if row["id"] is not None]
    items = [{name: row[name] for name in kind.list_fields} for row in found[: asked.limit]]
    last = None
    if len(found) > asked.limit:
        end = found[asked.limit - 1]
        reached = end["last_key"]
        last = (reached.decode() if isinstance(reached, bytes) else reached), end["sort_position"]
    return Page(items, rows[0]["stamp"], last)


def _column(name: str) -> str:
    return "t.id::text as id" if name == "id" else f"t.{quoted(name)}"


def _conditions(kind: Kind, asked: Asked, values: list[Any]) -> Sequence[str]:
    """Return the conditions of the filters, and put what they compare with behind `values`."""
    found = []
    if asked.locale is not None:
        values.append(asked.locale)
        found.append(f"t.locale = ${len(values)}")
    for name, value in asked.filters.items():
        filter_ = kind.filters[name]
        column = f"t.{quoted(filter_.column)}"
        if filter_.contains:
            values.append(list(value))
            found.append(f"{column} @> ${len(values)}::text[]")
        else:
            values.append(value)
            found.append(f"{column} = ${len(values)}")
    return found
