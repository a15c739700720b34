"""The read model "article"."""

from events.article import EVENTS
from projections.entry.projection import entry_projection
from read_side.article.table import ARTICLE

PROJECTION = entry_projection(ARTICLE, EVENTS)
