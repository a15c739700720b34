"""Texts that are written in several languages, told in one of them."""

from typing import Any

from events.content.localized import LANGUAGES

_MEMBERS = frozenset(LANGUAGES)


def in_language(value: Any, locale: str) -> Any:
    """Return a JSON value with each text in several languages as it is written in one.

    Where it is not written in that language it is null, never the text in another one.

    Args:
        value: of an answer; what has the members `ru` and `en`, and no others, is such a text.
        locale: the language.
    """
    if isinstance(value, dict):
        if value.keys() == _MEMBERS:
            return value[locale]
        return {name: in_language(one, locale) for name, one in value.items()}
    if isinstance(value, list):
        return [in_language(one, locale) for one in value]
    return value
