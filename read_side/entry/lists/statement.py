"""The statement that reads a page of a list, with all that is counted beside it: one for each form."""

from collections.abc import Iterator, Mapping, Sequence
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

from read_side.entry.kind import KindView
from read_side.entry.kinds import Entries
from read_side.entry.lists.facets import Counts
from read_side.entry.lists.filters import Form, bound_as, condition
from read_side.entry.lists.group import belongs
from read_side.entry.lists.named import named_as, seen
from read_side.entry.lists.others import owners
from read_side.entry.lists.sorting import POSITION, order_of
from read_side.entry.table import EntryTables

_CURSOR = Table(
    "cursor", MetaData(), Column("schema", Text), Column("position", BigInteger), schema="project"
)

_DIALECT = asyncpg.dialect()  # type: ignore[no-untyped-call]


class PageForm(NamedTuple):
    """What the statement of a page depends on, beside the values that are bound."""

    schema: str
    kind: str
    """Or a group."""
    locale: str | None
    filters: tuple[tuple[str, Form], ...]
    """Each parameter, and what its condition looks like."""
    sort: str
    after: bool
    null: bool
    """Whether the last item seen had no value that is sorted by."""
    facets: tuple[str, ...]
    total: bool


class PageStatement(NamedTuple):
    """A statement that was made."""

    sql: str
    names: Sequence[str]
    """What is bound, in its order."""
    constants: Mapping[str, Any]
    """What is bound and never changes."""


def compiled(entries: Entries, form: PageForm) -> PageStatement:
    """Make the statement of a page."""
    view, tables = entries.views.get(form.kind) or entries.groups[form.kind], entries.tables
    facets = tables.facets[view.name]
    order = order_of(view, form.sort, form.locale)
    keys = [facets.c[name].label(f"key_{number}") for number, name in enumerate((*order.columns, POSITION))]
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
        func.array(owners(tables, bound_as(name)).scalar_subquery(), type_=ARRAY(Uuid)).label(owners_as(name))
        for name, one in form.filters
        if one == "named"
    ]
    beside += _numbers(view, tables, form, conditions)
    whole = (
        select(_CURSOR.c.position.label("stamp"), *beside, items)
        .select_from(_CURSOR.outerjoin(items, true()))
        .where(_CURSOR.c.schema == bindparam("schema", type_=Text))
    )
    made = whole.compile(
        dialect=_DIALECT, schema_translate_map={None: form.schema}, render_schema_translate=True
    )
    constants = {name: one for name, one in made.params.items() if one is not None}
    return PageStatement(str(made), made.positiontup or (), constants)


class _Conditions:
    """The conditions of the items of a list, whatever page it is."""

    def __init__(self, view: KindView, tables: EntryTables, facets: Table, form: PageForm) -> None:
        self._view = view
        self._of = {
            name: condition(tables, facets, view.filters[name], name, one) for name, one in form.filters
        }
        in_one = form.locale and view.localized
        self._always = list(belongs(view, tables))
        if in_one:
            self._always.append(facets.c.locale == bindparam("locale", type_=Text))

    def all(self) -> list[ColumnElement[bool]]:
        """Return all of them."""
        return [*self._always, *self._of.values()]

    def beside(self, parameter: str) -> list[ColumnElement[bool]]:
        """Return those of the items among which the values of a parameter are counted.

        One that asks for any of some values is left out: each value is told with the items that it would add.
        """
        return [*self._always, *(one for name, one in self._of.items() if name != parameter)]

    def leave_out(self, parameter: str) -> bool:
        """Tell whether the values of a parameter are counted among others than the items of the list.

        A filter that asks for all of its values is not left out: each is told with the items that it leaves.
        """
        return parameter in self._of and self._view.filters[parameter].filter != "contains"


def _numbers(
    view: KindView, tables: EntryTables, form: PageForm, conditions: _Conditions
) -> Iterator[ColumnElement[Any]]:
    """Yield what is counted, each under its name."""
    facets, fields = tables.facets[view.name], view.filters
    alone = [name for name in form.facets if conditions.leave_out(name)]
    same = [name for name in form.facets if name not in alone]
    counts = Counts(tables, facets, conditions.all(), (fields[name] for name in same), "of_all")
    for name in same:
        yield counts.facet(fields[name]).label(facet_as(name))
    for name in alone:
        one = Counts(tables, facets, conditions.beside(name), [fields[name]], f"beside_{name}")
        yield one.facet(fields[name]).label(facet_as(name))
    if form.total:
        yield counts.total().label("total")


def _columns(view: KindView, tables: EntryTables, facets: Table) -> Iterator[ColumnElement[Any]]:
    """Yield what a list reads of an item beside its id."""
    for name in view.list_fields[1:]:
        one = facets.c[name]
        yield seen(tables.entry, one).label(name) if name in view.listed_relations else one
    yield from (facets.c[name].label(named_as(name)) for name in view.listed_relations)


def owners_as(parameter: str) -> str:
    """Return under which name a row says who owns the slugs of a parameter."""
    return f"owners_{parameter}"


def facet_as(parameter: str) -> str:
    """Return under which name a row says how many items have each value of a parameter."""
    return f"facet_{parameter}"
