"""What happens to media: pictures, each of which is kept once, described, suppressed and restored."""

from typing import Annotated, ClassVar, Literal
from uuid import UUID

import msgspec

from events.base import IS_READ, Event, Reason, check_line
from events.content.checks import FieldError
from events.content.dates import DateField, PartialDate
from events.content.field import Field
from events.content.localized import NOTHING, Localized, LocalizedLineField
from events.content.pictures import MAX_CAPTION
from events.content.texts import LineField
from kit.ids import named_id

Sha256 = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]

KEPT = ("image/jpeg", "image/png")
"""Types in which pictures are kept, whatever they came as."""

KeptType = Literal["image/jpeg", "image/png"]

PER_MILLE = 1000

DESCRIPTION: tuple[Field, ...] = (
    LocalizedLineField(name="alt", ru="Что на снимке", en="Alternative text", limit=300),
    LocalizedLineField(name="caption", ru="Подпись", limit=MAX_CAPTION),
    LineField(name="author", ru="Автор", limit=200),
    LineField(name="source", ru="Источник", limit=500),
    LineField(name="licence", ru="Лицензия", limit=100),
    DateField(name="taken", ru="Когда снято"),
)
"""What is said of a picture, but for the point that matters most."""


def media_stream(sha256: str) -> UUID:
    """Return the stream of the file with this SHA-256: the same bytes are the same media."""
    return named_id("media", sha256)


class FocalPoint(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The point of a picture that has to stay when it is cut; the middle where nobody has said."""

    x: Annotated[int, msgspec.Meta(ge=0, le=PER_MILLE)]
    """From the left, in thousandths of the width."""
    y: Annotated[int, msgspec.Meta(ge=0, le=PER_MILLE)]
    """From the top, in thousandths of the height."""


class MediaRegistered(Event, frozen=True, kw_only=True):
    """There is one more picture; its bytes are in storage."""

    TYPE: ClassVar[str] = "media.registered"
    sha256: Sha256
    """Of the file as it was sent, which is not kept; the stream is named by it."""
    size: Annotated[int, msgspec.Meta(ge=1)]
    """Bytes of the picture that is kept: it was read and written again, without what was hidden in it."""
    type: KeptType
    width: Annotated[int, msgspec.Meta(ge=1)]
    height: Annotated[int, msgspec.Meta(ge=1)]
    key: Annotated[str, msgspec.Meta(min_length=1, max_length=300)]
    """Where it is in storage; the name there is the SHA-256 of what is kept."""


class MediaDescribed(Event, frozen=True, kw_only=True):
    """What is said of a picture from now on, all of it: what is left out is not said any more."""

    TYPE: ClassVar[str] = "media.described"
    alt: Localized = NOTHING
    """What somebody who does not see it is told."""
    caption: Localized = NOTHING
    author: str = ""
    source: str = ""
    """Where it comes from: an archive, a book, an address."""
    licence: str = ""
    taken: PartialDate | None = None
    focal_point: FocalPoint | None = None

    def __post_init__(self) -> None:
        for field in DESCRIPTION:
            try:
                field.check(getattr(self, field.name))
            except FieldError as error:
                raise FieldError(error.detail, f"/{field.name}{error.pointer}") from error


class MediaSuppressed(Event, frozen=True, kw_only=True):
    """Nobody is shown a picture any more."""

    TYPE: ClassVar[str] = "media.suppressed"
    reason: Reason

    def __post_init__(self) -> None:
        check_line(self.reason, "reason")
        if not self.reason and not IS_READ.get():
            raise ValueError("a picture is suppressed for a reason")


class MediaRestored(Event, frozen=True, kw_only=True):
    """A suppressed picture is shown again."""

    TYPE: ClassVar[str] = "media.restored"


EVENTS: tuple[type[Event], ...] = (MediaRegistered, MediaDescribed, MediaSuppressed, MediaRestored)
