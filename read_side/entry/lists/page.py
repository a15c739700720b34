"""One page of a list, read with one statement."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Integer,
    MetaData,
    Table,
    Text,
    bindparam,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import asyncpg

from read_side.entry.kind import KindView
from read_side.entry.kinds import Entries
from read_side.entry.lists.filters import bound_as, compared, condition
from read_side.entry.lists.named import ids, named_as, seen
from read_side.entry.lists.sorting import POSITION, order_of, reached
from read_side.tables import Tables

_CURSOR = Table(
    "cursor", MetaData(), Column("schema", Text), Column("position", BigInteger), schema="project"
)

_DIALECT = asyncpg.dialect()  # type: ignore[no-untyped-call]

AT_ONCE = 3
"""Pages that are read at the same time. One whose filters seldom meet may have to look at every entry;
many of those leave most connections to the readers of everything else."""

STATEMENTS = 500
"""Statements that are made once: one for each sort with each choice of filters that is asked for."""


class Asked(NamedTuple):
    """What a list is asked for."""

    locale: str | None
    """Of a kind whose entries are in one language: only those; else in which titles are sorted."""
    filters: Mapping[str, Any]
    """Query parameter of the kind → what was given."""
    sort: str
    limit: int

    def after(self, view: KindView) -> Any:
        """Return what a cursor of this list holds: the sort values of the last item seen."""
        return order_of(view, self.sort, self.locale).held

    def question(self, view: KindView) -> str:
        """Return what the pages of one list have in common."""
        return repr((view.name, self.locale, sorted(self.filters.items()), self.sort))


class ListPage(NamedTuple):
    """Some items of a list."""

    items: Sequence[dict[str, Any]]
    named: Sequence[str]
    """Ids of the entries that they name, or that are asked about, seen by readers or not."""
    stamp: int
    """Cursor of the read schema in the snapshot that was read."""
    last: tuple[Any, ...] | None
    """Sort values of the last item when there are more."""


class _Form(NamedTuple):
    """What the statement of a page depends on, beside the values that are bound."""

    schema: str
    kind: str
    locale: str | None
    filters: tuple[str, ...]
    sort: str
    after: bool
    null: bool
    """Whether the last item seen had no value that is sorted by."""


class Lists:
    """Reads the lists of every kind.

    Args:
        entries: the kinds and their tables.
        tables: where to read.
    """

    def __init__(self, entries: Entries, tables: Tables) -> None:
        self._entries = entries
        self._tables = tables
        self._turn = asyncio.Semaphore(AT_ONCE)
        self._statement = lru_cache(STATEMENTS)(self._compiled)

    async def page(
        self, view: KindView, schema: str, asked: Asked, after: tuple[Any, ...] | None
    ) -> ListPage:
        """Read one page.

        Args:
            view: what is listed.
            schema: of the read model.
            asked: filters, sort and size.
            after: sort values of the last item seen, as `ListPage.last` gave them.

        Raises:
            Problem: 503 when the database does not answer.
        """
        order = order_of(view, asked.sort, asked.locale)
        given = {} if after is None else order.bound(after)
        null = after is not None and after[0] is None
        filters = tuple(sorted(asked.filters))
        form = _Form(schema, view.name, asked.locale, filters, asked.sort, after is not None, null)
        sql, names = self._statement(form)
        given |= {
            bound_as(name): compared(view.filters[name], name, value) for name, value in asked.filters.items()
        }
        given |= {"locale": asked.locale, "most": asked.limit + 1, "schema": schema}
        rows = await self._tables.rows(sql, *(given[name] for name in names), turn=self._turn)
        if not rows:
            return ListPage((), (), 0, None)
        found = [row for row in rows if row["id"] is not None]
        shown = found[: asked.limit]
        items = [{name: row[name] for name in view.list_fields} for row in shown]
        named = [row[named_as(name)] for name in view.listed_relations for row in shown]
        for parameter, value in asked.filters.items():
            if view.filters[parameter].name in view.listed_relations:
                named += value if isinstance(value, list) else [value]
        last = reached(order, found[asked.limit - 1]) if len(found) > asked.limit else None
        return ListPage(items, ids(named), rows[0]["stamp"], last)

    def _compiled(self, form: _Form) -> tuple[str, Sequence[str]]:
        """Return a statement, and the names of its values in their order."""
        view, facets = self._entries.views[form.kind], self._entries.tables.facets[form.kind]
        order = order_of(view, form.sort, form.locale)
        keys = [
            facets.c[name].label(f"key_{number}") for number, name in enumerate((*order.columns, POSITION))
        ]
        entry = self._entries.tables.entry
        columns: list[ColumnElement[Any]] = []
        for name in view.list_fields[1:]:
            one = facets.c[name]
            columns.append(seen(entry, one).label(name) if name in view.listed_relations else one)
        columns += [facets.c[name].label(named_as(name)) for name in view.listed_relations]
        items = (
            select(facets.c.id.cast(Text).label("id"), *columns, *keys)
            .where(*_conditions(view, facets, entry, form))
            .order_by(*order.by(facets))
            .limit(bindparam("most", type_=Integer))
            .lateral("items")
        )
        whole = (
            select(_CURSOR.c.position.label("stamp"), items)
            .select_from(_CURSOR.outerjoin(items, true()))
            .where(_CURSOR.c.schema == bindparam("schema", type_=Text))
        )
        compiled = whole.compile(
            dialect=_DIALECT, schema_translate_map={None: form.schema}, render_schema_translate=True
        )
        return str(compiled), compiled.positiontup or ()


def _conditions(view: KindView, facets: Table, entry: Table, form: _Form) -> Iterator[ColumnElement[bool]]:
    if form.locale and view.localized:
        yield facets.c.locale == bindparam("locale", type_=Text)
    for name in form.filters:
        field = view.filters[name]
        yield condition(facets, field, name)
        if field.name in view.listed_relations:
            yield seen(entry, facets.c[field.name]).is_not(None)
    if form.after:
        yield order_of(view, form.sort, form.locale).after(facets, null=form.null)
