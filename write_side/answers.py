"""What commands answer, described for OpenAPI: receipts, and the members of each refusal."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import Field

from kit.http.described import RETRY_AFTER, Described, ProblemDocument, example, header, refusal

_ID = "0d6c0c3e-6a3e-5d0b-9f1c-2a4b8f7e1c55"
_ACCOUNT = "019ac3f2-5f0e-7c3b-9a51-3f6f0d3c9b1e"
_TAG = '"v3"'


class Receipt(Described):
    """What became of a command: the same for every retry under one Idempotency-Key."""

    model_config = example({"id": _ID, "slug": "antonov-an-2", "revision": 2, "version": 3, "position": 172})

    id: UUID
    """The entry."""
    slug: str
    """Its present slug."""
    revision: int = Field(ge=1)
    """Its newest revision."""
    version: int = Field(ge=1)
    """Version of its stream: what the next command names in If-Match."""
    position: int = Field(ge=1)
    """Position in the log of the command's last event, for `?after=`."""


class ConflictProblem(ProblemDocument):
    """The command is clear, and the entry is not in a state for it.

    Types: slug-taken, entry-exists, slug-in-use, archived, nothing-to-submit, not-submitted,
    not-the-submitted-revision, no-such-revision, key-in-use.
    """

    model_config = example(
        {
            "type": "/problems/slug-taken",
            "title": "Another entry has this slug.",
            "status": 409,
            "errors": [{"pointer": "/slug", "detail": "is taken"}],
            "owner": _ID,
            "request_id": _ACCOUNT,
        }
    )

    owner: UUID | None = None
    """Of slug-taken: the entry that has the slug."""
    id: UUID | None = None
    """Of entry-exists: the entry of this subject in this locale."""
    submitted: int | None = None
    """Of not-the-submitted-revision: the one that is, if any."""
    revision: int | None = None
    """Of no-such-revision: the newest one."""


class Since(Described):
    """An event that the caller has not seen."""

    version: int
    """Version of the stream that it made."""
    type: str
    """Stored name of the event, such as article.revised."""
    at: datetime
    """When the log recorded it."""
    actor: UUID
    """The account behind it."""
    reason: str
    """The edit summary."""


class StaleProblem(ProblemDocument):
    """If-Match names another version than the newest one (stale), or no draft at all (not-a-draft-tag).

    `changed`, `base`, `theirs` and `since` are there when it names a version that the entry has had.
    """

    model_config = example(
        {
            "type": "/problems/stale",
            "title": "Somebody else changed the entry since you read it.",
            "status": 412,
            "detail": "Read the draft again and repeat the change on it.",
            "version": 3,
            "etag": _TAG,
            "changed": ["body"],
            "base": {"body": "It first flew in 1947."},
            "theirs": {"body": "It first flew in August 1947."},
            "since": [
                {
                    "version": 3,
                    "type": "article.revised",
                    "at": "2026-01-31T12:00:00.000000+00:00",
                    "actor": _ACCOUNT,
                    "reason": "The month",
                }
            ],
            "request_id": _ACCOUNT,
        }
    )

    version: int = 0
    """Version of the stream now."""
    etag: str = ""
    """What If-Match would have to name now."""
    changed: list[str] = Field(default_factory=list)
    """Names of the fields that were changed since."""
    base: dict[str, Any] = Field(default_factory=dict)
    """The changed fields as the caller has seen them."""
    theirs: dict[str, Any] = Field(default_factory=dict)
    """The changed fields as they are now."""
    since: list[Since] = Field(default_factory=list)
    """The newest events that the caller has not seen, at most 50, oldest first."""


class InvalidProblem(ProblemDocument):
    """The body, or the entry that would come of it, breaks a rule; `errors` say where.

    Types: invalid-body, invalid, too-large, slug-needed, reason-needed, not-publishable, key-reused,
    no-such-source.
    """

    model_config = example(
        {
            "type": "/problems/invalid-body",
            "title": "The body is not valid.",
            "status": 422,
            "errors": [{"pointer": "/title", "detail": "must have at most 300 characters"}],
            "request_id": _ACCOUNT,
        }
    )


class UnnamedVersionProblem(ProblemDocument):
    """A command on what exists names in If-Match which version it was made on."""

    model_config = example(
        {
            "type": "/problems/precondition-required",
            "title": "If-Match is needed: it names the version that was edited.",
            "status": 428,
            "detail": 'Read the draft and send its ETag, such as If-Match: "v7".',
            "request_id": _ACCOUNT,
        }
    )


class ForbiddenProblem(ProblemDocument):
    """The account behind the token may not do this; a published entry is renamed by a moderator alone."""

    model_config = example(
        {
            "type": "/problems/forbidden",
            "title": "This needs the role moderator.",
            "status": 403,
            "request_id": _ACCOUNT,
        }
    )


_REPLAYED = {
    "Idempotency-Replayed": header(
        "`true` when this is the receipt of an earlier request under the same Idempotency-Key.", "true"
    )
}
_ETAG = {"ETag": header("The draft's, for the If-Match of the next command.", _TAG)}
_LOCATION = {"Location": header("Where the new entry is.", f"/v1/articles/{_ID}")}

_REFUSED: dict[int | str, dict[str, Any]] = {
    403: refusal("The account lacks the role that this needs.", ForbiddenProblem),
    409: refusal("The entry is not in a state for this.", ConflictProblem, RETRY_AFTER),
    422: refusal("The body, or what would come of it, breaks a rule.", InvalidProblem),
}

MADE: dict[int | str, dict[str, Any]] = {
    201: {"model": Receipt, "description": "It is made.", "headers": _ETAG | _LOCATION | _REPLAYED},
    **_REFUSED,
}
"""Answers of a command that makes something."""

DONE: dict[int | str, dict[str, Any]] = {
    200: {"model": Receipt, "description": "It is done.", "headers": _ETAG | _REPLAYED},
    **_REFUSED,
    412: refusal("Somebody else changed the entry since.", StaleProblem),
    428: refusal("If-Match is missing.", UnnamedVersionProblem),
}
"""Answers of a command on what exists."""
