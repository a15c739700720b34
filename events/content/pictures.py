"""The field of pictures, in the order in which they are shown."""

from typing import Any

import msgspec

from events.base import IS_READ
from events.content.checks import FieldError
from events.content.items import Items
from events.content.localized import Localized, check_localized
from kit.ids import parse_id

MAX_CAPTION = 500
"""Characters of a picture's caption in one language."""


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
