"""What commands on entries answer, described for OpenAPI: the receipt, and the members of refusals."""

from uuid import UUID

from pydantic import Field

from events.base import Locale
from kit.http.described import Described, Fault, ProblemDocument, example
from write_side.http.answers import Answers

_ID = "0d6c0c3e-6a3e-5d0b-9f1c-2a4b8f7e1c55"
_ACCOUNT = "019ac3f2-5f0e-7c3b-9a51-3f6f0d3c9b1e"


class EntryFault(Fault):
    """One place that is wrong, or to think about, and where other entries matter, which one."""

    model_config = example(
        {
            "pointer": "/first_flight",
            "detail": "is earlier than `born` of the entry in `designers`",
            "entry": _ID,
        }
    )

    entry: UUID | None = None
    """The other entry."""


class EntryReceipt(Described):
    """What became of a command: the same for every retry under one Idempotency-Key."""

    model_config = example(
        {"id": _ID, "slug": "antonov-an-2", "locale": "en", "revision": 2, "version": 3, "position": 172}
    )

    id: UUID
    """The entry."""
    slug: str
    """Its present slug."""
    locale: Locale | None = None
    """Its language; absent where an entry is for all languages."""
    revision: int = Field(ge=1)
    """Its newest revision."""
    version: int = Field(ge=1)
    """Version of its stream: what the next command names in If-Match."""
    position: int = Field(ge=1)
    """Position in the log of the command's last event, for `?after=`."""
    warnings: list[EntryFault] = Field(default_factory=list)
    """What is done, and may be wrong all the same; absent where there is nothing to say."""


class ConflictProblem(ProblemDocument):
    """The command is clear, and the entry is not in a state for it."""

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
    """Of slug-taken: the entry that has the slug, in the same locale if entries of its kind have one."""
    id: UUID | None = None
    """Of entry-exists: the entry of this subject in this locale."""
    submitted: int | None = None
    """Of not-the-submitted-revision: the one that is, if any."""
    revision: int | None = None
    """Of no-such-revision: the newest one."""


class InvalidProblem(ProblemDocument):
    """The body, or the entry that would come of it, breaks a rule; `errors` say where."""

    errors: list[EntryFault] = Field(default_factory=list)  # type: ignore[assignment]  # they say more
    """The places that are wrong; where other entries matter, each with one of them."""

    model_config = example(
        {
            "type": "/problems/invalid-body",
            "title": "The body is not valid.",
            "status": 422,
            "errors": [{"pointer": "/title", "detail": "must have at most 300 characters"}],
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


ANSWERS = Answers("entry", EntryReceipt, ForbiddenProblem, ConflictProblem, InvalidProblem)
