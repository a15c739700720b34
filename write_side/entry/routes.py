"""The routes of the life that every kind of entry shares: a row for each command."""

from fastapi import APIRouter

from kit.auth.roles import Role
from write_side.entry import commands
from write_side.entry.answers import ANSWERS
from write_side.entry.bodies import create_body, revise_body
from write_side.entry.commands import SLUG, Publish, Rename, Return, Revert
from write_side.entry.kind import EntryKind
from write_side.http.routes import Part, Route, routes_of

EDITOR, MODERATOR = Role.EDITOR, Role.MODERATOR

_FORMER = Part("slug", {"type": "string", "pattern": SLUG, "maxLength": 120, "title": "Slug"})


def entry_routes(kind: EntryKind) -> APIRouter:
    """Return the routes of a kind."""
    create, revise = create_body(kind.declared), revise_body(kind.declared)
    table = (
        Route("create", "POST", "", EDITOR, "Create {one}", commands.create, create),
        Route("revise", "PATCH", "/{id}", EDITOR, "Revise {one}", commands.revise, revise),
        *LIFE,
    )
    return routes_of(kind, table, ANSWERS)


# fmt: off
LIFE = (
    Route("submit", "PUT", "/{id}/submission", EDITOR, "Submit", commands.submit),
    Route("withdraw", "DELETE", "/{id}/submission", EDITOR, "Withdraw", commands.withdraw),
    Route("return", "POST", "/{id}/return", MODERATOR, "Return a submission with a comment",
          commands.give_back, Return),
    Route("publish", "PUT", "/{id}/publication", MODERATOR, "Publish a revision", commands.publish, Publish),
    Route("unpublish", "DELETE", "/{id}/publication", MODERATOR, "Unpublish", commands.unpublish),
    Route("archive", "PUT", "/{id}/archive", MODERATOR, "Archive", commands.archive),
    Route("restore", "DELETE", "/{id}/archive", MODERATOR, "Restore from the archive", commands.restore),
    Route("revert", "POST", "/{id}/revert", EDITOR, "Make an earlier revision the newest",
          commands.revert, Revert),
    Route("rename", "PUT", "/{id}/slug", EDITOR, "Rename", commands.rename, Rename),
    Route("release_slug_of", "DELETE", "/{id}/slugs/{slug}", MODERATOR, "Release a former slug",
          commands.release_slug, part=_FORMER),
)
# fmt: on
"""What may happen to any entry once it is there."""
