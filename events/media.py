"""What happens to media: pictures, each of which is kept once, described, suppressed and restored."""

from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

import msgspec

from events.base import IS_READ, Event, Reason, check_line, made
from events.content.checks import FieldError
from events.content.pictures import DESCRIPTION
from events.kind import Upcaster, unchanged
from kit.ids import named_id

Sha256 = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]

KEPT = ("image/jpeg", "image/png")
"""Types in which pictures are kept, whatever they came as."""

KeptType = Literal["image/jpeg", "image/png"]

MEMBERS = tuple((one.name, one.stored, one.empty) for one in DESCRIPTION)
"""What is said of a picture, as `msgspec.defstruct` takes it."""


def media_stream(sha256: str) -> UUID:
    """Return the stream of the file with this SHA-256: the same bytes are the same media."""
    return named_id("media", sha256)


class MediaRegistered(Event, frozen=True, kw_only=True):
    """There is one more picture; its bytes are in storage."""

    TYPE: ClassVar[str] = "media.registered"
    SCHEMA: ClassVar[int] = 2
    sha256: Sha256
    """Of the file as it was sent, which is not kept; the stream is named by it."""
    size: Annotated[int, msgspec.Meta(ge=1)]
    """Bytes of the picture that is kept: it was read and written again, without what was hidden in it."""
    type: KeptType
    width: Annotated[int, msgspec.Meta(ge=1)]
    height: Annotated[int, msgspec.Meta(ge=1)]
    key: Annotated[str, msgspec.Meta(min_length=1, max_length=300)]
    """Where it is in storage; the name there is the SHA-256 of what is kept."""
    colour: Annotated[str, msgspec.Meta(pattern="^#[0-9a-f]{6}$")] | None = None
    """The average of its pixels in sRGB; absent: nobody has computed it, or all of it is transparent."""


class _Described(Event, frozen=True, kw_only=True):
    """What is said of a picture from now on, all of it: what is left out is not said any more."""

    TYPE: ClassVar[str] = "media.described"

    def __post_init__(self) -> None:
        for field in DESCRIPTION:
            try:
                field.check(getattr(self, field.name))
            except FieldError as error:
                raise FieldError(error.detail, f"/{field.name}{error.pointer}") from error


MediaDescribed: Any = made("MediaDescribed", _Described, MEMBERS, module=__name__)


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

UPCASTERS: dict[tuple[str, int], Upcaster] = {("media.registered", 1): unchanged}
"""(Stored type, schema that is read) → upcaster to the next one."""
