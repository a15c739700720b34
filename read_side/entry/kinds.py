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
        self.groups: Mapping[str, KindView] = {
            one.name: KindView(kind, one) for kind in declared for one in kind.groups
        }
        """Name of a group → what is shown of it."""
        self.tables = entry_tables(declared)
        """One object for each table, which projections and queries share."""

    def shown(self) -> Iterable[KindView]:
        """Return every kind and every group."""
        return (*self.views.values(), *self.groups.values())

    def list_tags(self, view: KindView) -> tuple[str, ...]:
        """Return the purge tags of every list of a kind or group."""
        namer = None if view.group is None else self.views.get(view.group.named_by[0])
        return (view.list_tag,) if namer is None else (view.list_tag, namer.list_tag)

    def means(self) -> dict[str, Any]:
        """Return what of it changes rows: what is declared."""
        return {"views": self.views}


ENTRIES = Entries(KINDS)

VIEWS = ENTRIES.views
