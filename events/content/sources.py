"""The field of sources: what an entry rests on, and which of its fields rest on which source."""

from typing import Annotated, Any

import msgspec

from events.base import IS_READ, check_line
from events.content.checks import FieldError, check_length
from events.content.field import described
from events.content.items import Items
from kit.text import web_address

MAX_SOURCES_BYTES = 240_000
"""Of all sources together in UTF-8: an event holds what was and what is, and has to have room for both."""

MAX_TITLE = 300
"""Characters of a source's title."""

MAX_ADDRESS = 2_000
"""Characters of its address."""

MAX_PAGES = 100
"""Characters of its pages."""

MAX_SUPPORTED = 20
"""Fields that one source is named for."""


class Citation(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """A source that an entry rests on."""

    title: Annotated[str, described({"minLength": 1, "maxLength": MAX_TITLE})]
    url: Annotated[str, described({"maxLength": MAX_ADDRESS, "pattern": "^(https?://[^ ]+)?$"})]
    """Empty: it has no address."""
    pages: Annotated[str, described({"maxLength": MAX_PAGES})] = ""
    supports: Annotated[tuple[str, ...], described({"maxItems": MAX_SUPPORTED})] = ()
    """Names of the fields that rest on it; none: the whole entry."""


class SourcesField(Items, frozen=True, kw_only=True):
    """What an entry rests on, and which of its fields rest on which source."""

    @property
    def lacking(self) -> str:
        return "at least one source is needed before publication"

    def merged(self, _before: Any, given: Any) -> Any:
        return [{"url": ""} | source for source in given]

    def names_fields(self, value: Any) -> frozenset[str]:
        return frozenset(name for source in value for name in source.supports)

    @property
    def _stored(self) -> Any:
        return Annotated[tuple[Citation, ...], described({"maxItems": self.most})]

    @property
    def sample_of_type(self) -> Any:
        return [{"title": "B. Gunston, 1995", "url": "", "pages": "12-14"}]

    def _check_item(self, item: Citation) -> None:
        for member, limit, least in (
            ("title", MAX_TITLE, 1),
            ("url", MAX_ADDRESS, 0),
            ("pages", MAX_PAGES, 0),
        ):
            value = getattr(item, member)
            try:
                check_length(value, limit, least)
                if member == "url" and not IS_READ.get():
                    check_address(value)
                check_line(value, "it")
            except ValueError as error:
                raise FieldError(str(error), f"/{member}") from error


def check_address(value: str) -> None:
    """Refuse what is no address of a page.

    Raises:
        ValueError: saying what it must look like.
    """
    if (value and not value.startswith(("http://", "https://"))) or " " in value:
        raise ValueError("must look like ^(https?://[^ ]+)?$")
    web_address(value)
