"""Routes of articles: those of every kind of entry."""

from fastapi import APIRouter

from read_side.article.table import ARTICLE
from read_side.entry.api import entry_router
from read_side.sources import Sources


def router(sources: Sources) -> APIRouter:
    """Make the query routes of articles."""
    return entry_router(ARTICLE, sources)
