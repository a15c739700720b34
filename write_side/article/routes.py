"""The routes of articles."""

from write_side.article.aggregate import ARTICLE
from write_side.article.commands import CreateArticle, ReviseArticle
from write_side.entry.routes import entry_routes

routes = entry_routes(ARTICLE, CreateArticle, ReviseArticle)
