"""Every maker of routes that queries are answered by."""

from collections.abc import Callable
from functools import partial

from fastapi import APIRouter

from read_side.entry.api import entry_router
from read_side.entry.kinds import ENTRIES
from read_side.entry.vocabularies.api import vocabulary_router
from read_side.pages.api import page_router
from read_side.sources import Sources

ROUTERS: tuple[Callable[[Sources], APIRouter], ...] = (
    partial(entry_router, ENTRIES),
    partial(page_router, ENTRIES),
    vocabulary_router,
)
"""From what a process reads to the routes of a read model."""
