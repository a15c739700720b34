"""Every projection of this build, listed by hand."""

from projections import article
from projections.projection import Projection

PROJECTIONS: tuple[Projection, ...] = (article.PROJECTION,)
