"""The routes of articles."""

from fastapi import Response

from write_side.article.aggregate import ARTICLE
from write_side.article.commands import CreateArticle, ReviseArticle
from write_side.entry import commands
from write_side.entry.api import Creating, Editing, EntryId, entry_routes

routes = entry_routes(ARTICLE)


@routes.post("", status_code=201, summary="Create an article", operation_id="create_article")
async def create(ask: Creating, body: CreateArticle) -> Response:
    """Make an article; its first revision is an open draft that no reader sees."""
    return await ask.run(
        lambda call: commands.create(ask.bus, ARTICLE, call, body), body.reason, created_at="/v1/articles"
    )


@routes.patch("/{id}", summary="Revise an article", operation_id="revise_article")
async def revise(ask: Editing, id_: EntryId, body: ReviseArticle) -> Response:
    """Change the fields that are given: one more revision."""
    return await ask.run(lambda call: commands.revise(ask.bus, ARTICLE, call, id_, body), body.reason)
