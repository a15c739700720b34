"""Every projection of this build, listed by hand."""

from projections import article
from projections.projection import Projection
from read_side.article.table import ARTICLE
from read_side.entry.kind import Kind

KINDS: tuple[Kind, ...] = (ARTICLE,)
"""Kinds of entries whose documents the projector puts into the shared cache."""

PROJECTIONS: tuple[Projection, ...] = (article.PROJECTION,)
