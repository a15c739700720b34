"""The read model of entries: every kind of this build, and the tables that they share."""

from collections.abc import Iterable, Mapping
from typing import Any

from events.kind import Kind
from events.kinds.catalog import KINDS
from read_side.entry.kind import KindView
from read_side.entry.table import entry_tables

MODEL = "entries"
"""Name of the read model of all kinds of entries."""


class Entries:
    """Some kinds of entries as they are read together.

    Args:
        kinds: all that one log holds.
    """

    def __init__(self, kinds: Iterable[Kind]) -> None:
        declared = tuple(kinds)
        self.views: Mapping[str, KindView] = {kind.name: KindView(kind) for kind in declared}
        """Name of the kind → what is shown of it."""
        self.tables = entry_tables(declared)
        """One object for each table, which projections and queries share."""

    def means(self) -> dict[str, Any]:
        """Return what of it changes rows: what is declared."""
        return {"views": self.views}


ENTRIES = Entries(KINDS)

VIEWS = ENTRIES.views
