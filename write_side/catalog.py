"""Every kind of entry that takes commands, listed by hand."""

from fastapi import APIRouter

from write_side.article.aggregate import ARTICLE
from write_side.article.routes import routes as article_routes
from write_side.entry.kind import Kind

KINDS: tuple[Kind, ...] = (ARTICLE,)

ROUTES: tuple[APIRouter, ...] = (article_routes,)
