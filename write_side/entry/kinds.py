"""Every kind of entry as it takes commands."""

from collections.abc import Mapping

from events.kinds.catalog import KINDS
from write_side.entry.kind import EntryKind

AGGREGATES: Mapping[str, EntryKind] = {kind.name: EntryKind.of(kind) for kind in KINDS}
"""Name of the kind → what the bus runs for it."""
