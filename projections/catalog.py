"""Every projection of this build, listed by hand."""

from kit.errors import Refused
from projections import article
from projections.projection import Projection
from read_side.article.table import ARTICLE
from read_side.entry.kind import Kind

KINDS: tuple[Kind, ...] = (ARTICLE,)
"""Kinds of entries whose documents the projector puts into the shared cache."""

PROJECTIONS: tuple[Projection, ...] = (article.PROJECTION,)


def projection_named(name: str) -> Projection:
    """Return a read model of this build; Refused when there is none of this name."""
    found = next((one for one in PROJECTIONS if one.name == name), None)
    if found is None:
        known = ", ".join(one.name for one in PROJECTIONS)
        raise Refused([f"no read model is called {name}; there are: {known}"])
    return found
