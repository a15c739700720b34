"""Every read model that queries are answered from, listed by hand."""

from collections.abc import Callable

from fastapi import APIRouter

from read_side.article import api as article
from read_side.article.table import ARTICLE
from read_side.entry.kind import Kind
from read_side.sources import Sources

KINDS: tuple[Kind, ...] = (ARTICLE,)
"""Kinds of entries; each is a read model of the same name."""

ROUTERS: tuple[Callable[[Sources], APIRouter], ...] = (article.router,)
"""From what a process reads to the routes of a read model."""
