"""Every kind of entry as it takes commands."""

from collections.abc import Mapping

from events.kinds.catalog import KINDS
from write_side.entry.kind import EntryKind

GROUPS: tuple[EntryKind, ...] = tuple(one for kind in KINDS for one in EntryKind.of_groups(kind))
"""The same kinds under the names of some of their entries: `/v1/designers` takes commands on persons."""

AGGREGATES: Mapping[str, EntryKind] = {kind.name: EntryKind.of(kind) for kind in KINDS}
"""Name of the kind → what the bus runs for it."""
