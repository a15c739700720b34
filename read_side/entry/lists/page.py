"""One page of a list, read with one statement."""

from collections.abc import Mapping, Sequence
from functools import lru_cache, partial
from typing import Any, NamedTuple

from read_side.entry.kind import KindView, entry_tag
from read_side.entry.kinds import Entries
from read_side.entry.lists.facets import told_facet, told_total
from read_side.entry.lists.filters import given
from read_side.entry.lists.named import ids, named_as
from read_side.entry.lists.sorting import order_of, reached
from read_side.entry.lists.statement import PageForm, compiled, facet_as, owners_as
from read_side.tables import Tables

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
        return repr((view.called, self.locale, sorted(self.filters.items()), self.sort))


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


class Lists:
    """Reads the lists of every kind.

    Args:
        entries: the kinds and their tables.
        tables: where to read.
    """

    def __init__(self, entries: Entries, tables: Tables) -> None:
        self._entries = entries
        self._tables = tables
        self._statement = lru_cache(STATEMENTS)(partial(compiled, entries))

    def tags(self, view: KindView) -> tuple[str, ...]:
        """Return the purge tags of every list of a kind or group."""
        return self._entries.list_tags(view)

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
        form = PageForm(
            schema,
            view.called,
            asked.locale,
            tuple((name, one.form) for name, one in asks.items()),
            asked.sort,
            after is not None,
            null,
            asked.facets,
            asked.total,
        )
        made = self._statement(form)
        values |= made.constants
        for one in asks.values():
            values |= one.bound
        values |= {"locale": asked.locale, "most": asked.limit + 1, "schema": schema}
        rows = await self._tables.rows(made.sql, *(values[name] for name in made.names), long=True)
        if not rows:
            return ListPage((), (), 0, None)
        found = [row for row in rows if row["id"] is not None]
        shown = found[: asked.limit]
        items = [{name: row[name] for name in view.list_fields} for row in shown]
        named = [row[named_as(name)] for name in view.listed_relations for row in shown]
        tags = [entry_tag(one) for one in ids(named)]
        for name, ask in asks.items():
            if ask.others is not None:
                tags += (*ask.others.tags, *(entry_tag(one) for one in rows[0][owners_as(name)] or ()))
        tags += (self._entries.views[kind].list_tag for name in asked.facets for kind in view.named_by(name))
        last = reached(order, found[asked.limit - 1]) if len(found) > asked.limit else None
        counted = _counted(asked, rows[0])
        return ListPage(items, tuple(dict.fromkeys(tags)), rows[0]["stamp"], last, counted)


def _counted(asked: Asked, row: Any) -> dict[str, Any]:
    """Return what a list says of all its items."""
    told: dict[str, Any] = {"total": told_total(row["total"])} if asked.total else {}
    if asked.facets:
        told["facets"] = {name: told_facet(row[facet_as(name)]) for name in asked.facets}
    return told
