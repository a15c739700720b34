"""Fields of text in two languages: one that is missing is null, and never silently the other one."""

from typing import Any, ClassVar, Literal

import msgspec

from events.base import IS_READ, check_line, check_text
from events.content.checks import FieldError, check_length
from events.content.field import Field

LANGUAGES: tuple[Literal["ru"], Literal["en"]] = ("ru", "en")


class Localized(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A short text in the languages that it has been written in."""

    ru: str | None = None
    en: str | None = None


class _Localized(Field, frozen=True, kw_only=True):
    limit: int
    """Characters in each language at the most."""

    least: int = 0
    """Languages in which it is written at the least."""

    LINES: ClassVar[bool]

    @property
    def empty(self) -> Localized:
        return NOTHING

    def merged(self, before: Any, given: Any) -> Any:
        """Change the languages that are given; null takes one away."""
        return {language: given.get(language, (before or {}).get(language)) for language in LANGUAGES}

    def is_empty(self, value: Any) -> bool:
        return not value or not any(value.values())

    @property
    def _stored(self) -> Any:
        return Localized

    @property
    def sample_of_type(self) -> Any:
        return {"ru": self.ru or None, "en": self.label}

    def check(self, value: Any) -> None:
        if not IS_READ.get() and sum(getattr(value, one) is not None for one in LANGUAGES) < self.least:
            raise FieldError("must be there in at least one language")
        super().check(value)

    def _check(self, value: Localized) -> None:
        check_localized(value, self.limit, lines=self.LINES)


class LocalizedLineField(_Localized, frozen=True, kw_only=True):
    """One line in two languages: a name, a place."""

    limit: int = 300
    LINES: ClassVar[bool] = True


class LocalizedTextField(_Localized, frozen=True, kw_only=True):
    """A short text of several lines in two languages."""

    limit: int = 2_000
    LINES: ClassVar[bool] = False


NOTHING = Localized()
"""What such a field holds when nobody has written anything."""


def check_localized(value: Localized, limit: int, *, lines: bool) -> None:
    """Check a short text in each of its languages.

    Raises:
        FieldError: with a pointer to the language.
    """
    for language in LANGUAGES:
        text = getattr(value, language)
        if text is None:
            continue
        try:
            check_length(text, limit, 1)
            (check_line if lines else check_text)(text, "it")
        except ValueError as error:
            raise FieldError(str(error), f"/{language}") from error
