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
    Uuid,
    bindparam,
    func,
    select,
    true,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY, asyncpg

from read_side.entry.kind import KindView, entry_tag
from read_side.entry.kinds import Entries
from read_side.entry.lists.facets import facet, field_bound_as, told_facet, told_total, total
from read_side.entry.lists.filters import Form, bound_as, condition, given
from read_side.entry.lists.named import ids, named_as, seen
from read_side.entry.lists.others import owners
from read_side.entry.lists.sorting import POSITION, order_of, reached
from read_side.entry.table import EntryTables
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
    facets: tuple[str, ...] = ()
    """Query parameters whose values are counted."""
    total: bool = False
    """Whether all items are counted."""

    def after(self, view: KindView) -> Any:
        """Return what a cursor of this list holds: the sort values of the last item seen."""
        return order_of(view, self.sort, self.locale).held

    def question(self, view: KindView) -> str:
        """Return what the pages of one list have in common."""
        return repr((view.name, self.locale, sorted(self.filters.items()), self.sort))


class ListPage(NamedTuple):
    """Some items of a list."""

    items: Sequence[dict[str, Any]]
    tags: Sequence[str]
    """Of the entries that they name, or that are asked about, seen by readers or not."""
    stamp: int
    """Cursor of the read schema in the snapshot that was read."""
    last: tuple[Any, ...] | None
    """Sort values of the last item when there are more."""
    counted: Mapping[str, Any] = {}
    """`total` and `facets`, as far as they were asked for."""


class _Form(NamedTuple):
    """What the statement of a page depends on, beside the values that are bound."""

    schema: str
    kind: str
    locale: str | None
    filters: tuple[tuple[str, Form], ...]
    """Each parameter, and what its condition looks like."""
    sort: str
    after: bool
    null: bool
    """Whether the last item seen had no value that is sorted by."""
    facets: tuple[str, ...]
    total: bool


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
        values = {} if after is None else order.bound(after)
        null = after is not None and after[0] is None
        asks = {name: given(view.filters[name], name, one) for name, one in sorted(asked.filters.items())}
        form = _Form(
            schema,
            view.name,
            asked.locale,
            tuple((name, one.form) for name, one in asks.items()),
            asked.sort,
            after is not None,
            null,
            asked.facets,
            asked.total,
        )
        sql, names, constants = self._statement(form)
        values |= constants
        for one in asks.values():
            values |= one.bound
        values |= {field_bound_as(view.filters[name]): view.filters[name].name for name in asked.facets}
        values |= {"locale": asked.locale, "most": asked.limit + 1, "schema": schema}
        rows = await self._tables.rows(sql, *(values[name] for name in names), turn=self._turn)
        if not rows:
            return ListPage((), (), 0, None)
        found = [row for row in rows if row["id"] is not None]
        shown = found[: asked.limit]
        items = [{name: row[name] for name in view.list_fields} for row in shown]
        named = [row[named_as(name)] for name in view.listed_relations for row in shown]
        tags = [entry_tag(one) for one in ids(named)]
        for name, ask in asks.items():
            if ask.others is not None:
                tags += (*ask.others.tags, *(entry_tag(one) for one in rows[0][_owners_as(name)] or ()))
        tags += (self._entries.views[kind].list_tag for name in asked.facets for kind in view.named_by(name))
        last = reached(order, found[asked.limit - 1]) if len(found) > asked.limit else None
        counted = _counted(asked, rows[0])
        return ListPage(items, tuple(dict.fromkeys(tags)), rows[0]["stamp"], last, counted)

    def _compiled(self, form: _Form) -> tuple[str, Sequence[str], Mapping[str, Any]]:
        """Return a statement, the names of its values in their order, and those that never change."""
        view, tables = self._entries.views[form.kind], self._entries.tables
        facets = tables.facets[form.kind]
        order = order_of(view, form.sort, form.locale)
        keys = [
            facets.c[name].label(f"key_{number}") for number, name in enumerate((*order.columns, POSITION))
        ]
        conditions = _Conditions(view, tables, facets, form)
        shown = [facets.c.id.cast(Text).label("id"), *_columns(view, tables, facets), *keys]
        most = bindparam("most", type_=Integer)
        parts = [
            select(*shown).where(*conditions.all(), *part.where).order_by(*part.by).limit(most)
            for part in order.parts(facets, after=form.after, null=form.null)
        ]
        items = parts[0].lateral("items")
        if len(parts) > 1:
            both = union_all(*parts).subquery("both")
            items = select(both).order_by(*order.again(both)).limit(most).lateral("items")
        beside: list[ColumnElement[Any]] = [
            func.array(owners(tables, bound_as(name)).scalar_subquery(), type_=ARRAY(Uuid)).label(
                _owners_as(name)
            )
            for name, one in form.filters
            if one == "named"
        ]
        beside += (
            facet(tables, facets, view.filters[name], conditions.beside(name)).label(_facet_as(name))
            for name in form.facets
        )
        if form.total:
            beside.append(total(facets, conditions.all()).label("total"))
        whole = (
            select(_CURSOR.c.position.label("stamp"), *beside, items)
            .select_from(_CURSOR.outerjoin(items, true()))
            .where(_CURSOR.c.schema == bindparam("schema", type_=Text))
        )
        compiled = whole.compile(
            dialect=_DIALECT, schema_translate_map={None: form.schema}, render_schema_translate=True
        )
        constants = {name: one for name, one in compiled.params.items() if one is not None}
        return str(compiled), compiled.positiontup or (), constants


class _Conditions:
    """The conditions of the items of a list, whatever page it is."""

    def __init__(self, view: KindView, tables: EntryTables, facets: Table, form: _Form) -> None:
        self._view = view
        self._of = {
            name: condition(tables, facets, view.filters[name], name, one) for name, one in form.filters
        }
        in_one = form.locale and view.localized
        self._locale = [facets.c.locale == bindparam("locale", type_=Text)] if in_one else []

    def all(self) -> list[ColumnElement[bool]]:
        """Return all of them."""
        return [*self._locale, *self._of.values()]

    def beside(self, parameter: str) -> list[ColumnElement[bool]]:
        """Return those of the items among which the values of a parameter are counted.

        One that asks for any of some values is left out: each value is told with the items that it would add.
        One that asks for all of them stays: each is told with the items that it would leave.
        """
        kept = self._view.filters[parameter].filter == "contains"
        others = [one for name, one in self._of.items() if kept or name != parameter]
        return [*self._locale, *others]


def _columns(view: KindView, tables: EntryTables, facets: Table) -> Iterator[ColumnElement[Any]]:
    """Yield what a list reads of an item beside its id."""
    for name in view.list_fields[1:]:
        one = facets.c[name]
        yield seen(tables.entry, one).label(name) if name in view.listed_relations else one
    yield from (facets.c[name].label(named_as(name)) for name in view.listed_relations)


def _counted(asked: Asked, row: Any) -> dict[str, Any]:
    """Return what a list says of all its items."""
    told: dict[str, Any] = {"total": told_total(row["total"])} if asked.total else {}
    if asked.facets:
        told["facets"] = {name: told_facet(row[_facet_as(name)]) for name in asked.facets}
    return told


def _owners_as(parameter: str) -> str:
    return f"owners_{parameter}"


def _facet_as(parameter: str) -> str:
    return f"facet_{parameter}"
