"""What every event is: a fact, who caused it, and where the log recorded it."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal, Self
from uuid import UUID

import msgspec

from kit.text import line, text

Client = Literal["page", "api", "bot", "import", "scheduler"]
"""Which kind of client a command came from."""

Locale = Literal["ru", "en"]
"""A language in which entries are written."""

MAX_EVENT_BYTES = 768 * 1024
"""An encoded event is never larger; the codec refuses it."""

SourceTime = Annotated[datetime, msgspec.Meta(tz=True)]
"""A moment as another system told it, with its offset from UTC."""

Reason = Annotated[str, msgspec.Meta(max_length=500)]

IS_READ: ContextVar[bool] = ContextVar("is_read", default=False)
"""Whether an event is being read from the log. What was stored before a rule existed stays readable;
the rule is for what is made. The codec has seen to what no database carries."""


class Event(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """A fact in the past tense. Subclasses name their stored type; it never changes afterwards.

    The constructor refuses what could not be read back or shown (ValueError, msgspec.ValidationError). The
    codec reads what earlier builds have stored, although today's rules would refuse it.
    """

    TYPE: ClassVar[str] = ""
    """Stored name, "<kind>.<event>": chosen by hand, independent of modules and classes."""

    SCHEMA: ClassVar[int] = 1
    """Version of the payload that this class writes."""


def made(
    name: str,
    base: type[Any],
    members: Sequence[tuple[Any, ...]],
    said: Mapping[str, Any] = {},
    *,
    about: str = "",
    module: str,
) -> Any:
    """Return a class that is made of a declaration, and stored as if it were written by hand.

    `__made_from__` says to fingerprints what it means, wherever it is made.

    Args:
        name: of the class.
        base: what it is besides.
        members: as `msgspec.defstruct` takes them.
        said: what its class says.
        about: its docstring; empty: that of the base.
        module: where it is to be found.
    """
    words = about or (base.__doc__ or "").partition("\n\n")[0]
    return msgspec.defstruct(
        name,
        members,
        bases=(base,),
        module=module,
        namespace={**said, "__doc__": words, "__made_from__": (base, said)},
        frozen=True,
        kw_only=True,
        omit_defaults=True,
        forbid_unknown_fields=True,
    )


class Foreign(Event, frozen=True, kw_only=True):
    """An event that the `eventsourcing` library stored through our recorder; our own readers pass it over."""

    SCHEMA: ClassVar[int] = 0
    name: str
    """Its stored type, a topic of the library's."""
    payload: bytes


class Text(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A long text with the SHA-256 of its UTF-8 form in hex."""

    text: str
    sha256: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]

    @classmethod
    def of(cls, text: str) -> Self:
        """Wrap a text and compute its hash."""
        return cls(text, hashlib.sha256(text.encode()).hexdigest())


class Meta(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who caused an event, by which command, and why. Never a name: an account is an id."""

    actor: UUID
    command: UUID
    client: Client = "api"
    reason: str = ""
    """The edit summary."""
    correlation: UUID | None = None
    """First command of the conversation; None: this command is it."""
    causation: UUID | None = None
    """Event or command that led to this command; None: a person did."""
    source_time: SourceTime | None = None
    """When it was written where it was imported from; None: here. The log's own time is another matter."""

    def __post_init__(self) -> None:
        check_line(self.reason, "reason")
        if len(self.reason) > 500:  # noqa: PLR2004 - the limit is stated in Reason
            raise ValueError("reason is longer than 500 characters")


class Recorded[E: Event](msgspec.Struct, frozen=True):
    """An event as the log holds it."""

    position: int
    """Place in the log: 1, 2, 3 … without a gap, in commit order."""
    stream: UUID
    version: int
    """Place in its stream, from 1."""
    id: UUID
    at: datetime
    """Moment of recording by the log's own clock: never decreases with position."""
    meta: Meta
    event: E

    @property
    def type(self) -> str:
        return self.event.TYPE or getattr(self.event, "name", "")


def check_text(value: str, field: str) -> None:
    """Refuse a text that may not be stored, or shows nothing although it is not empty.

    Raises:
        ValueError: naming the field, never quoting the text.
    """
    _check(text, value, field)


def check_line(value: str, field: str) -> None:
    """Refuse a line that may not be stored, or is not in the form in which lines are: trimmed and composed.

    Raises:
        ValueError: naming the field, never quoting the line.
    """
    _check(line, value, field)


def _check(rule: Callable[[str], str], value: str, field: str) -> None:
    if IS_READ.get():
        return
    try:
        stored = rule(value)
    except ValueError as error:
        raise ValueError(f"{field} {error}") from None
    if stored != value:
        raise ValueError(f"{field} is not in the form in which it is stored")
