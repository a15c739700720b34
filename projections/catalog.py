"""Every projection of this build."""

from kit.errors import Refused
from projections.entry.projection import entry_projection
from projections.projection import Projection
from read_side.entry.kinds import ENTRIES

PROJECTIONS: tuple[Projection, ...] = (entry_projection(ENTRIES),)
"""All kinds of entries are one read model: pages show several."""


def projection_named(name: str) -> Projection:
    """Return a read model of this build; Refused when there is none of this name."""
    found = next((one for one in PROJECTIONS if one.name == name), None)
    if found is None:
        known = ", ".join(one.name for one in PROJECTIONS)
        raise Refused([f"no read model is called {name}; there are: {known}"])
    return found
