"""Which entries of a kind belong to a group: they say one of its terms, or another kind names them."""

from collections.abc import Iterator

from sqlalchemy import ColumnElement, exists, literal_column, or_

from read_side.entry.kind import KindView
from read_side.entry.table import EntryTables


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


def _constant(word: str) -> ColumnElement[str]:
    """Return a name or a list of codes of the declaration as it stands in SQL: nothing is bound for it."""
    return literal_column(f"'{word}'")
