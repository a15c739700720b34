"""What queries of pictures answer, described for OpenAPI."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from events.forms.values import LocalizedShown, PartialDateShown
from kit.http.described import Described, example
from read_side.entry.answers import CURSOR, MOMENT

ID = "0c17f2e9-2ddc-5cb8-bd8c-72a8ee0f0a48"
_FILE = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855.jpg"
_SHOWN = {
    "id": ID, "version": 2, "type": "image/jpeg", "width": 1600, "height": 1067, "size": 182344,
    "url": f"/v1/media/files/{_FILE}",
    "alt": {"ru": "Ту-144 на взлёте", "en": "A Tu-144 taking off"},  # noqa: RUF001 - it is Russian
    "caption": {"ru": "Ле-Бурже", "en": "Le Bourget"}, "author": "Anna Ivanova", "source": "Museum archive",
    "licence": "CC BY-SA 4.0", "taken": {"edtf": "1971-06"}, "focal_point": {"x": 420, "y": 510},
    "suppressed": False, "registered_at": MOMENT, "updated_at": MOMENT,
}  # fmt: skip


class FocalPointShown(Described):
    """The point of a picture that has to stay when it is cut."""

    x: Annotated[int, Field(ge=0, le=1000)]
    """From the left, in thousandths of the width."""
    y: Annotated[int, Field(ge=0, le=1000)]
    """From the top, in thousandths of the height."""


class MediaShown(Described):
    """A picture, and what is said of it."""

    model_config = example(_SHOWN)

    id: UUID
    version: int
    """Of its stream: `If-Match: "v2"` names it in a command."""
    type: Literal["image/jpeg", "image/png"]
    width: int
    height: int
    size: int
    """Bytes."""
    url: str
    """Where the bytes are; they never change there."""
    alt: LocalizedShown
    caption: LocalizedShown
    author: str
    source: str
    licence: str
    taken: PartialDateShown | None
    focal_point: FocalPointShown | None
    suppressed: bool
    """Whether nobody is shown it: moderators alone find such a picture."""
    registered_at: datetime
    updated_at: datetime


class MediaPage(Described):
    """Pictures, newest first."""

    model_config = example({"items": [_SHOWN], "next": CURSOR})

    items: list[MediaShown]
    next: str | None
    """The `cursor` of the next page; null on the last one."""
