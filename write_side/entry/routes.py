"""The routes of the life that every kind of entry shares: a row for each command."""

from functools import partial

from kit.auth.roles import Role, Scope
from kit.http.deferred import DeferredRoute
from write_side.entry import commands
from write_side.entry.across import judged_with_others
from write_side.entry.answers import ANSWERS
from write_side.entry.bodies import create_body, revise_body
from write_side.entry.commands import SLUG, Publish, Rename, Return, Revert
from write_side.entry.kind import EntryKind
from write_side.http.routes import Part, Route, routes_of
from write_side.problem_types import (
    ARCHIVED,
    CONTRADICTED,
    ENTRY_EXISTS,
    NO_SUCH_ENTRY,
    NO_SUCH_REVISION,
    NO_SUCH_SOURCE,
    NO_SUCH_TERM,
    NOT_PUBLISHABLE,
    NOT_SUBMITTED,
    NOT_THE_SUBMITTED_REVISION,
    NOTHING_TO_SUBMIT,
    OF_NEW_CONTENT,
    OTHERS_CHANGED,
    REASON_NEEDED,
    SLUG_IN_USE,
    SLUG_NEEDED,
    SLUG_TAKEN,
)

EDITOR, MODERATOR = Role.EDITOR, Role.MODERATOR

_FORMER = Part("slug", {"type": "string", "pattern": SLUG, "maxLength": 120, "title": "Slug"})


def entry_routes(kind: EntryKind) -> tuple[DeferredRoute, ...]:
    """Return the routes of a kind."""
    translated = (NO_SUCH_SOURCE,) if kind.declared.localized else ()
    named = ((NO_SUCH_ENTRY,) if kind.declared.names_entries else ()) + (
        (NO_SUCH_TERM, OTHERS_CHANGED) if kind.declared.names_terms else ()
    )
    sibling = (ENTRY_EXISTS, *translated) if kind.declared.localized or kind.declared.identity else ()
    table: tuple[Route, ...] = (
        Route(
            "create",
            "POST",
            "",
            EDITOR,
            Scope.DRAFT,
            "Create {one}",
            commands.create,
            partial(create_body, kind.declared),
            refuses=(SLUG_TAKEN, SLUG_NEEDED, *sibling, *named, *OF_NEW_CONTENT),
        ),
        Route(
            "revise",
            "PATCH",
            "/{id}",
            EDITOR,
            Scope.DRAFT,
            "Revise {one}",
            commands.revise,
            partial(revise_body, kind.declared),
            refuses=(ARCHIVED, *translated, *named, *OF_NEW_CONTENT),
        ),
        *LIFE,
    )
    if judged_with_others(kind):
        table = tuple(_judged(row) if row.verb == "publish" else row for row in table)
    if kind.declared.moderated:
        table = tuple(row._replace(role=MODERATOR) for row in table)
    return routes_of(kind, table, ANSWERS)


def _judged(row: Route) -> Route:
    return row._replace(refuses=(*row.refuses, CONTRADICTED, OTHERS_CHANGED))


# fmt: off
LIFE = (
    Route("submit", "PUT", "/{id}/submission", EDITOR, Scope.SUBMIT, "Submit", commands.submit,
          refuses=(ARCHIVED, NOTHING_TO_SUBMIT, NOT_PUBLISHABLE)),
    Route("withdraw", "DELETE", "/{id}/submission", EDITOR, Scope.SUBMIT, "Withdraw", commands.withdraw,
          refuses=(NOT_SUBMITTED,)),
    Route("return", "POST", "/{id}/return", MODERATOR, Scope.MODERATE, "Return a submission with a comment",
          commands.give_back, Return, refuses=(NOT_SUBMITTED,)),
    Route("publish", "PUT", "/{id}/publication", MODERATOR, Scope.PUBLISH, "Publish a revision",
          commands.publish, Publish, forcible=True,
          refuses=(ARCHIVED, NO_SUCH_REVISION, NOT_THE_SUBMITTED_REVISION, REASON_NEEDED, NOT_PUBLISHABLE)),
    Route("unpublish", "DELETE", "/{id}/publication", MODERATOR, Scope.PUBLISH, "Unpublish",
          commands.unpublish, refuses=(ARCHIVED,)),
    Route("archive", "PUT", "/{id}/archive", MODERATOR, Scope.MODERATE, "Archive", commands.archive),
    Route("restore", "DELETE", "/{id}/archive", MODERATOR, Scope.MODERATE,
          "Restore from the archive", commands.restore),
    Route("revert", "POST", "/{id}/revert", EDITOR, Scope.DRAFT, "Make an earlier revision the newest",
          commands.revert, Revert, refuses=(ARCHIVED, NO_SUCH_REVISION, *OF_NEW_CONTENT)),
    Route("rename", "PUT", "/{id}/slug", EDITOR, Scope.DRAFT, "Rename", commands.rename, Rename,
          refuses=(ARCHIVED, SLUG_TAKEN)),
    Route("release_slug_of", "DELETE", "/{id}/slugs/{slug}", MODERATOR, Scope.MODERATE,
          "Release a former slug", commands.release_slug, part=_FORMER, refuses=(SLUG_IN_USE, SLUG_TAKEN)),
)
# fmt: on
"""What may happen to any entry once it is there."""
