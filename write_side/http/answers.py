"""What commands of any aggregate answer, described for OpenAPI."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from pydantic import Field

from kit.auth.roles import Role
from kit.errors import ProblemType
from kit.http.described import Described, ProblemDocument, example, header
from kit.http.refusals import Responses, joined, refusals
from kit.problem_types import FORBIDDEN
from write_side.problem_types import OF_EVERY_COMMAND, OF_WHAT_EXISTS

_ACCOUNT = "019ac3f2-5f0e-7c3b-9a51-3f6f0d3c9b1e"
_ID = "0d6c0c3e-6a3e-5d0b-9f1c-2a4b8f7e1c55"
_TAG = '"v3"'


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


REPLAYED = "Idempotency-Replayed"
"""Header of a receipt that was given once before."""

_REPLAYED = {
    REPLAYED: header(
        "`true` when this is the receipt of an earlier request under the same Idempotency-Key.", "true"
    )
}
_ETAG = {"ETag": header("The draft's, for the If-Match of the next command.", _TAG)}
_LOCATION = {"Location": header("Where the new entry is.", f"/v1/articles/{_ID}")}


class Answers(NamedTuple):
    """What the commands of an aggregate answer."""

    noun: str
    """What one of them is called: "entry"."""
    receipt: type[Described]
    forbidden: type[ProblemDocument]
    conflict: type[ProblemDocument]
    invalid: type[ProblemDocument]

    def made(self, role: Role, types: Iterable[ProblemType]) -> Responses:
        """Return the answers of a command that makes something.

        Args:
            role: who may send it, at least.
            types: what it refuses beside what all of them do.
        """
        headers = _ETAG | _LOCATION | _REPLAYED
        told = {"model": self.receipt, "description": "It is made.", "headers": headers}
        return joined({201: told}, self._refused(role, types))

    def done(self, role: Role, types: Iterable[ProblemType]) -> Responses:
        """Return the answers of a command on what exists; the arguments are those of `made`."""
        told = {"model": self.receipt, "description": "It is done.", "headers": _ETAG | _REPLAYED}
        return joined({200: told}, self._refused(role, (*OF_WHAT_EXISTS, *types)))

    def _refused(self, role: Role, types: Iterable[ProblemType]) -> Responses:
        models: dict[int, type[ProblemDocument]] = {
            403: self.forbidden,
            409: self.conflict,
            412: StaleProblem,
            422: self.invalid,
            428: UnnamedVersionProblem,
        }
        found = refusals((FORBIDDEN, *OF_EVERY_COMMAND, *types), models)
        found[403]["description"] = f"The account lacks the role that this needs: {role}."
        return found
