"""How a picture is shown, described for OpenAPI."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from events.forms.values import InLanguages
from kit.http.described import Described, example
from read_side.pictures import FILES

ID = "0c17f2e9-2ddc-5cb8-bd8c-72a8ee0f0a48"
SHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

_SOURCE = {"url": f"{FILES}{SHA256}-v1-w640.avif", "width": 640, "height": 427, "type": "image/avif"}
_SQUARE = {"url": f"{FILES}{SHA256}-v1-x420y510.avif", "width": 320, "height": 320, "type": "image/avif"}
SOURCES: Mapping[str, Any] = {"srcset": [_SOURCE], "square": [_SQUARE]}
SHOWN: Mapping[str, Any] = {
    "id": ID, "type": "image/jpeg", "width": 1600, "height": 1067, "colour": "#8fa3b5",
    "url": f"{FILES}{SHA256}.jpg", **SOURCES,
    "alt": {"ru": "Ту-144 на взлёте", "en": "A Tu-144 taking off"},  # noqa: RUF001 - it is Russian
    "caption": {"ru": "Ле-Бурже", "en": "Le Bourget"}, "author": "Anna Ivanova", "source": "Museum archive",
    "licence": "CC BY-SA 4.0",
}  # fmt: skip


class PictureSource(Described):
    """One of the forms in which a picture is there."""

    url: str
    """Where its bytes are. Until they are made, what is next to it is there, for some seconds."""
    width: int
    height: int
    type: Literal["image/avif", "image/webp", "image/jpeg"]


class PictureSources(Described):
    """The forms in which a picture is there, those of the fewest bytes first."""

    srcset: Annotated[
        list[PictureSource], Field(description="All of it, in each format from narrow to wide.")
    ]
    square: Annotated[
        list[PictureSource], Field(description="Cut around the point that matters, in each format.")
    ]


class PictureCard(PictureSources):
    """A picture that is shown beside something else."""

    model_config = example(dict(SHOWN))

    id: UUID
    type: Literal["image/jpeg", "image/png"]
    width: int
    height: int
    colour: str | None
    """The average of its pixels, to be shown until it is there; null: not known."""
    url: str
    """As it is kept."""
    alt: InLanguages
    """What somebody who does not see it is told."""
    caption: InLanguages
    author: str
    source: str
    licence: str
