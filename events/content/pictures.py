"""Pictures: what is said of each, and the field of those that an entry shows."""

from typing import Annotated, Any

import msgspec

from events.base import IS_READ
from events.content.checks import FieldError
from events.content.dates import DateField
from events.content.field import Field
from events.content.items import Items
from events.content.localized import Localized, LocalizedLineField, check_localized
from events.content.texts import LineField
from kit.ids import parse_id

MAX_CAPTION = 500
"""Characters of a picture's caption in one language."""


PER_MILLE = 1000


class FocalPoint(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The point of a picture that has to stay when it is cut; the middle where nobody has said."""

    x: Annotated[int, msgspec.Meta(ge=0, le=PER_MILLE)]
    """From the left, in thousandths of the width."""
    y: Annotated[int, msgspec.Meta(ge=0, le=PER_MILLE)]
    """From the top, in thousandths of the height."""


class FocalPointField(Field, frozen=True, kw_only=True):
    """A point of a picture."""

    @property
    def _stored(self) -> Any:
        return FocalPoint

    @property
    def sample_of_type(self) -> Any:
        return {"x": 420, "y": 510}

    def _check(self, value: Any) -> None:
        """Its type says all."""


DESCRIPTION: tuple[Field, ...] = (
    LocalizedLineField(name="alt", ru="Что на снимке", en="Alternative text", limit=300),
    LocalizedLineField(name="caption", ru="Подпись", limit=MAX_CAPTION),
    LineField(name="author", ru="Автор", limit=200),
    LineField(name="source", ru="Источник", limit=500),
    LineField(name="licence", ru="Лицензия", limit=100),
    DateField(name="taken", ru="Когда снято"),
    FocalPointField(name="focal_point", ru="Главная точка"),
)
"""What is said of a picture. Its event, the state of a picture, bodies, answers and rows are made of it."""


class Picture(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A picture of an entry."""

    media: str
    """Its id."""
    caption: Localized = Localized()


class PicturesField(Items, frozen=True, kw_only=True):
    """Pictures, in the order in which they are shown."""

    key: tuple[str, ...] = ("media",)
    most: int = 50

    @property
    def _stored(self) -> Any:
        return tuple[Picture, ...]

    @property
    def sample_of_type(self) -> Any:
        return [
            {
                "media": "5b0f7a52-8f0e-5d55-8a1b-6f3d2e9c7a10",
                "caption": {"ru": "1947 год", "en": "In 1947"},
            }
        ]

    def _check_item(self, item: Picture) -> None:
        if not IS_READ.get() and str(parse_id(item.media)) != item.media:
            raise FieldError("must be a UUID of 36 characters in small letters", "/media")
        try:
            check_localized(item.caption, MAX_CAPTION, lines=True)
        except FieldError as error:
            raise FieldError(error.detail, f"/caption{error.pointer}") from error
