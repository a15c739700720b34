"""Which entries of a kind belong to a group: they say one of its terms, or another kind names them."""

from collections.abc import Awaitable, Callable, Iterator
from functools import cache
from uuid import UUID

from sqlalchemy import ColumnElement, Uuid, bindparam, exists, literal_column, or_, select
from sqlalchemy.dialects.postgresql import asyncpg

from read_side.entry.kind import KindView
from read_side.entry.table import EntryTables
from read_side.tables import Tables


def belongs(view: KindView, tables: EntryTables) -> Iterator[ColumnElement[bool]]:
    """Yield the condition that a row of the kind's lists is of the group that is shown; none: all are."""
    if view.group is None:
        return
    facets = tables.facets[view.name]
    relation, entry = tables.relation.alias("joining"), tables.entry.alias("joined_by")
    kind, field = view.group.named_by
    named = exists().where(
        relation.c.target == facets.c.id,
        relation.c.field == _constant(field),
        entry.c.id == relation.c.entry,
        entry.c.kind == _constant(kind),
    )
    codes = ",".join(view.group.codes)
    says = facets.c[view.group.field].overlap(_constant(f"{{{codes}}}"))
    yield or_(says, named)


type Members = Callable[[str, UUID], Awaitable[bool]]
"""From a read schema and an entry that readers see there to whether it is of a group."""


def members(view: KindView, known: EntryTables, tables: Tables) -> Members:
    """Return a function that tells who is of the group that is shown; without a group all are.

    Whatever changes that, makes what is kept of the entry old: what it says itself, and who names it.
    The function raises Problem 503 when the database does not answer.
    """

    @cache
    def sql(schema: str) -> str:
        facets = known.facets[view.name]
        one = select(facets.c.id).where(facets.c.id == bindparam("id", type_=Uuid), *belongs(view, known))
        dialect = asyncpg.dialect()  # type: ignore[no-untyped-call]
        schemas = {None: schema}
        return str(one.compile(dialect=dialect, schema_translate_map=schemas, render_schema_translate=True))

    async def is_of_it(schema: str, id_: UUID) -> bool:
        return view.group is None or await tables.row(sql(schema), id_) is not None

    return is_of_it


def _constant(word: str) -> ColumnElement[str]:
    """Return a name or a list of codes of the declaration as it stands in SQL: nothing is bound for it."""
    return literal_column(f"'{word}'")
