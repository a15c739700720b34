"""Every maker of routes that queries are answered by."""

from collections.abc import Callable, Sequence
from functools import partial

from starlette.routing import BaseRoute

from read_side.entry.api import entry_queries
from read_side.entry.kinds import ENTRIES
from read_side.entry.suggesting.api import suggestion_queries
from read_side.entry.vocabularies.api import vocabulary_queries
from read_side.feed.api import feed_queries
from read_side.media.api import media_queries
from read_side.pages.api import page_queries
from read_side.sources import Sources

QUERIES: tuple[Callable[[Sources], Sequence[BaseRoute]], ...] = (
    partial(entry_queries, ENTRIES),
    partial(page_queries, ENTRIES),
    vocabulary_queries,
    suggestion_queries,
    media_queries,
    partial(feed_queries, ENTRIES),
)
"""From what a process reads to the routes of a read model."""
