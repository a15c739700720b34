"""Every kind of entry as it is read: each is a read model of the same name."""

from collections.abc import Mapping

from events.kinds.catalog import KINDS
from read_side.entry.kind import KindView

VIEWS: Mapping[str, KindView] = {kind.name: KindView(kind) for kind in KINDS}
"""Name of the kind → what is shown of it; one object for each, since it holds the tables."""
