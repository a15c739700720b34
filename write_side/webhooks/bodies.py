"""What commands about webhooks are sent, and what is told of webhooks."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from events.base import Locale
from kit.http.described import Described, example
from kit.http.requests.body import Body
from kit.http.requests.text import CleanLine, Id, Key

MOST_VALUES = 10

LAST = 2**62

Word = Annotated[Key, Field(min_length=1, max_length=100)]
Words = Annotated[list[Word], Field(max_length=MOST_VALUES)]
Position = Annotated[int, Field(ge=0, le=LAST)]

_ID = "019ac3f2-5f0e-7c3b-9a51-3f6f0d3c9b1e"
_EVENT = "019ac3f2-6b11-7d0a-8d45-5f0a1b2c3d4e"

_WEBHOOK = {
    "id": _ID,
    "account": "019ac3f2-0a11-7d0a-8d45-5f0a1b2c3d4e",
    "url": "https://hooks.example.org/frankenjet",
    "description": "The channel",
    "kind": ["article"],
    "type": [],
    "entry": "019ac3f2-1c22-7d0a-8d45-5f0a1b2c3d4e",
    "locale": "ru",
    "tag": [],
    "insiders": False,
    "state": "paused",
    "why": "failing",
    "position": 171,
    "tries": 3,
    "failing_since": "2026-01-31T11:58:00Z",
    "next_at": "2026-01-31T12:00:00Z",
    "dead_letters": 3,
    "former_until": "2026-02-01T12:00:00Z",
    "made_at": "2026-01-31T12:00:00Z",
}


class ChangedWebhook(Body):
    """Where to, and which events: chosen as by `GET /v1/changes`."""

    url: Annotated[str, Field(min_length=1, max_length=2_000)]
    """https, port 443 or 8443, at a public address."""
    description: Annotated[CleanLine, Field(max_length=200)] = ""
    kind: Words = Field(default=[])
    """About one of these kinds; empty: any."""
    type: Words = Field(default=[])
    """Of one of these types; empty: any."""
    entry: Id | None = None
    """About this entry."""
    locale: Locale | None = None
    """About entries in this language alone."""
    tag: Words = Field(default=[])
    """About entries with all of these."""
    insiders: bool = False
    """All that the account may know at the moment when it is sent, which needs the role editor; else, and
    while it has not that role, what anybody may know."""


class WantedWebhook(ChangedWebhook):
    """A webhook as somebody wants it."""

    after: Position | None = None
    """What comes after this position of the log is sent; left out: what comes from now on."""
    account: Id | None = None
    """Whose it is, if an administrator registers it for another one."""


class WantedSecret(Body):
    """How long the secret of before is good as well."""

    overlap_hours: Annotated[int, Field(ge=0, le=168)] = 24


class WantedReplay(Body):
    """What is to be sent once more: one event, or all that was chosen of a range."""

    event: Id | None = None
    """This one; else what comes after a position."""
    after: Position | None = None
    upto: Position | None = None
    """The last position; left out: as far as the webhook has got."""


class NewReplay(Described):
    """It waits for its turn, ahead of what is new."""

    model_config = example({"id": _EVENT, "after": 0, "upto": 171})

    id: UUID
    after: int
    upto: int


class ShownSecret(Described):
    """A secret, told this once."""

    model_config = example(
        {
            "id": _ID,
            "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "former_until": "2026-02-01T12:00:00Z",
        }
    )

    id: UUID
    secret: str
    """Checks signatures, as Standard Webhooks says."""
    former_until: datetime | None
    """Until then requests are signed with the secret of before, too."""


class ShownWebhook(Described):
    """A webhook, without its secret."""

    model_config = example(_WEBHOOK)

    id: UUID
    account: UUID
    url: str
    description: str
    kind: list[str]
    type: list[str]
    entry: UUID | None
    locale: Locale | None
    tag: list[str]
    insiders: bool
    state: Literal["active", "paused", "ended"]
    why: Literal["owner", "failing", "account", "log", "gone"] | None
    """Of what is not active: its owner wished it; three events were given up one after the other; its account
    was shut out; the log is another one; its address answered 410."""
    position: int
    """Everything up to here was delivered, or is a dead letter, or was not chosen."""
    tries: int
    """Of the event that is sent now, that failed."""
    failing_since: datetime | None
    next_at: datetime
    """No try comes before."""
    dead_letters: int
    former_until: datetime | None
    made_at: datetime


class ShownWebhooks(Described):
    """Webhooks, oldest first."""

    model_config = example({"items": [_WEBHOOK]})

    items: list[ShownWebhook]


class ShownAttempt(Described):
    """A try to send an event."""

    number: int
    at: datetime
    position: int
    event: UUID
    type: str
    attempt: int
    """1: the first of this event."""
    status: int | None
    """Of the answer; null: there was none."""
    why: str | None
    """Why it was not delivered."""
    took: int
    """Milliseconds."""


class ShownAttempts(Described):
    """Tries, newest first."""

    model_config = example(
        {
            "items": [
                {
                    "number": 7, "at": "2026-01-31T12:00:00Z", "position": 171, "event": _EVENT,
                    "type": "article.published", "attempt": 1, "status": 500, "why": "not taken", "took": 31,
                }
            ]
        }
    )  # fmt: skip

    items: list[ShownAttempt]


class ShownDeadLetter(Described):
    """An event that was given up."""

    position: int
    event: UUID
    type: str
    tries: int
    first_at: datetime
    at: datetime
    status: int | None
    why: str | None


class ShownDeadLetters(Described):
    """Events that were given up, in their order. What is sent again and taken is none any more."""

    model_config = example(
        {
            "items": [
                {
                    "position": 171, "event": _EVENT, "type": "article.published", "tries": 31,
                    "first_at": "2026-01-31T12:00:00Z", "at": "2026-02-01T12:40:00Z", "status": 500,
                    "why": "not taken",
                }
            ]
        }
    )  # fmt: skip

    items: list[ShownDeadLetter]
