"""Every projection of this build."""

from events.catalog import EVENTS
from events.kinds.catalog import KINDS
from kit.errors import Refused
from projections.entry.projection import entry_projection
from projections.feed.projection import feed_projection
from projections.projection import Projection
from read_side.entry.kinds import ENTRIES

PROJECTIONS: tuple[Projection, ...] = (entry_projection(ENTRIES), feed_projection(EVENTS, KINDS))
"""All kinds of entries are one read model: pages show several. The feed tells of every event."""


def projection_named(name: str) -> Projection:
    """Return a read model of this build; Refused when there is none of this name."""
    found = next((one for one in PROJECTIONS if one.name == name), None)
    if found is None:
        known = ", ".join(one.name for one in PROJECTIONS)
        raise Refused([f"no read model is called {name}; there are: {known}"])
    return found
