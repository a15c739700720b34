"""Names a read model by what builds it: its tables, its handlers, the events and upcasters under them."""

from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import Any

from sqlalchemy import Column, Index, Table
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable

from events.catalog import UPCASTERS
from events.kind import Upcaster
from kit.meaning.kept import kept_name
from kit.meaning.values import Meaning
from projections.projection import Projection

OURS = frozenset({"events", "kit", "projections", "read_side"})
"""Packages whose code handlers may reach, beside those that they stand in."""

_named: dict[int, tuple[Projection, str]] = {}
"""What this process has named already. Its files may be those of another build by now; its code is not."""


def fingerprint(projection: Projection) -> str:
    """Return 12 hex characters that change whenever a rebuilt table could differ.

    It is that of the code which this process runs: found when it is first asked for, and then kept.
    """
    known = _named.get(id(projection))
    if known is None:
        name = kept_name(f"read model {projection.name}", partial(computed, projection))
        known = _named[id(projection)] = projection, name
    return known[1]


def computed(projection: Projection, upcasters: Mapping[tuple[str, int], Upcaster] = UPCASTERS) -> str:
    """Return the fingerprint of a projection as its files are now.

    Args:
        projection: the read model.
        upcasters: those of the build; only those of events that the projection handles count.
    """
    handled = {event.TYPE for event in projection.handlers}
    reached = {key: upcast for key, upcast in upcasters.items() if key[0] in handled}
    rows = projection.needs, *projection.further.values()
    code = (*projection.handlers.values(), *rows, *projection.handlers, *reached.values())
    meaning = Meaning(OURS | {one.__module__.partition(".")[0] for one in code}, _TEXTS)
    name = meaning.name(
        projection.tables, projection.handlers, projection.needs, projection.further, projection.parameters,
        reached,
    )  # fmt: skip
    return name[:12]


@cache
def definition(table: Table) -> str:
    """Return the DDL of a table and its indexes, without a schema."""
    indexes = sorted(str(CreateIndex(index).compile(dialect=_DIALECT)) for index in table.indexes)
    return "\n".join([str(CreateTable(table).compile(dialect=_DIALECT)), *indexes])


_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]

_TEXTS: Mapping[type, Callable[[Any], str]] = {
    Table: definition,
    Column: lambda column: f"column {column.name} {column.type.compile(dialect=_DIALECT)}",
    Index: lambda index: str(CreateIndex(index).compile(dialect=_DIALECT)),
}
"""What the parts of a table say; a column or an index stands in the definition of its table as well."""
