"""What queries of any kind of entry answer, described for OpenAPI, each with an example."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from kit.errors import ProblemType
from kit.http.described import Described, ProblemDocument, example, header
from kit.http.refusals import Responses, joined, refusals
from kit.problem_types import NOT_FOUND
from read_side.answers.respond import PARKED
from read_side.entry.kind import KindView, Locale, without_languages
from read_side.entry.other_entries import Choices, Source
from read_side.problem_types import NOT_ACCEPTABLE, NOT_BUILT, NOT_THERE_YET, TABLES_UNAVAILABLE

Client = Literal["page", "api", "bot", "import", "scheduler"]

ID = "0d6c0c3e-6a3e-5d0b-9f1c-2a4b8f7e1c55"
OTHER = "5b0f7a52-8f0e-5d55-8a1b-6f3d2e9c7a10"
_ACCOUNT = "019ac3f2-5f0e-7c3b-9a51-3f6f0d3c9b1e"
MOMENT = "2026-01-31T12:00:00.000000Z"
CURSOR = "q83vEjRWeJCrze8SNFZ4kA"
TRANSLATED = {"entry": OTHER, "revision": 4}
# The framework leaves null out of examples, so all of them show what may be null as something.


class EntryRevisionFacts(Described):
    """Who changed an entry, when, why and how."""

    revision: int
    version: int
    """Version of the entry's stream that it made."""
    position: int
    """Position in the log."""
    event: UUID
    """Id of the event."""
    at: datetime
    actor: UUID
    """The account behind it."""
    client: Client
    """Which kind of client it came from."""
    reason: str
    """The edit summary."""
    changed: list[str]
    """Names of the fields."""
    reverts: int | None
    """The earlier revision whose content it restores."""
    published_at: datetime | None
    """When it was first published."""
    source_time: datetime | None
    """When it was written where it was imported from; null: it was written here, at `at`."""


class RevisionFacts(EntryRevisionFacts):
    """Who changed an entry in one language, when, why and how."""

    translated_from: Source | None


FACTS = {
    "revision": 2, "version": 2, "position": 170, "event": _ACCOUNT, "at": MOMENT, "actor": _ACCOUNT,
    "client": "api", "reason": "First flight dated", "changed": ["body"], "reverts": 1,
    "translated_from": TRANSLATED, "published_at": MOMENT,
    "source_time": MOMENT,
}  # fmt: skip


class Revisions(Described):
    """A page of a history, newest first."""

    model_config = example({"items": [FACTS], "next": CURSOR})

    items: list[RevisionFacts]
    next: str | None
    """The `cursor` of the next page; null on the last one."""


class EntryRevisions(Described):
    """A page of a history, newest first."""

    model_config = example({"items": [without_languages(FACTS)], "next": CURSOR})

    items: list[EntryRevisionFacts]
    next: str | None
    """The `cursor` of the next page; null on the last one."""


class ItemChange(Described):
    """An item of a list that has a key: what it was, and what it is."""

    before: Any
    after: Any


class Change(Described):
    """What changed in one field: `ops` for texts, items for lists, else before and after."""

    field: str
    ops: list[tuple[Literal["=", "-", "+"], str]] = Field(default_factory=list)
    """Pieces that stayed (=), went (-) or came (+); without those that came they make the earlier text,
    without those that went the later one."""
    languages: dict[Locale, list[tuple[Literal["=", "-", "+"], str]]] = Field(default_factory=dict)
    """The same for each language that changed, of a text in several languages."""
    added: list[Any] = Field(default_factory=list)
    removed: list[Any] = Field(default_factory=list)
    changed: list[ItemChange] = Field(default_factory=list)
    """Items that have the same key and say something else."""
    reordered: bool = False
    """The items are the same, in another order."""
    before: Any = None
    after: Any = None


class Diff(Described):
    """What differs between two revisions."""

    model_config = example(
        {
            "id": ID,
            "from": 1,
            "to": 2,
            "changes": [
                {"field": "body", "ops": [["=", "It first flew in "], ["+", "August "], ["=", "1947."]]},
                {"field": "tags", "added": ["biplane"], "removed": [], "reordered": False},
            ],
        }
    )

    id: UUID
    from_: int = Field(alias="from")
    to: int
    changes: list[Change]


class LateProblem(ProblemDocument):
    """What is asked for is not there yet, or cannot be asked now.

    The members below are there when it is `not-there-yet`.
    """

    model_config = example(
        {
            "type": "/problems/not-there-yet",
            "title": "The read model has not come to this position yet.",
            "status": 503,
            "detail": "Ask again, or without `after` for what is there.",
            "after": 172,
            "position": 170,
            "lag_events": 2,
            "request_id": _ACCOUNT,
        }
    )

    after: int = 0
    """The position that was asked for."""
    position: int = 0
    """The position that is visible."""
    lag_events: int = 0
    """How many events lie between them."""


ETAG = {"ETag": header("Of this answer, for If-None-Match.", '"9f86d081884c7d659a2feaa0"')}
_DRAFT_ETAG = {"ETag": header("Of this draft, for the If-Match of a command.", '"v3"')}
_PARKED = {
    PARKED: header(
        "There only while the entry is not up to date: position of its first event that was put aside.",
        171,
    )
}


def moved(view: KindView) -> dict[int | str, Any]:
    """Return the description of a redirect from a former slug of a kind."""
    place = f"/v1/{view.path}/{view.address('en', 'antonov-an-2')}"
    about = "The slug is a former one."
    return {
        301: {
            "description": about,
            "headers": {"Location": header("The same with the present slug.", place)},
        }
    }


CHOICES: dict[int | str, Any] = {
    300: {"model": Choices, "description": "Entries in several languages have this slug."},
}


def answers(model: Any, *more: ProblemType, draft: bool = False, of_entry: bool = True) -> Responses:
    """Return the description of what a query answers.

    Args:
        model: of the body.
        more: what it refuses beside what all of them do.
        draft: whether its ETag is that of a draft.
        of_entry: whether it is about one entry, which may be parked.
    """
    headers = (_DRAFT_ETAG if draft else ETAG) | (_PARKED if of_entry else {})
    found: Responses = {
        200: {"model": model, "description": "It is here.", "headers": headers},
        304: {"description": "The answer is the one that If-None-Match names.", "headers": headers},
    }
    types = (*_OF_EVERY_QUERY, *more, *((NOT_FOUND,) if of_entry else ()))
    return joined(found, refusals(types, {503: LateProblem}))


_OF_EVERY_QUERY = (NOT_THERE_YET, NOT_BUILT, TABLES_UNAVAILABLE, NOT_ACCEPTABLE)
