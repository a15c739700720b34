"""Names of accounts: what is one, and the form in which two are compared."""

import unicodedata

from kit.errors import Problem
from kit.problem_types import INVALID_NAME

MAX_NAME = 100
"""Characters of a display name."""

DELETED = {"en": "Deleted account", "ru": "Удалённая учётная запись"}
"""What is shown in place of a name that was erased, by language."""

_MAX_KEY = 300
"""Characters of the form that is compared, which can be longer."""


def name_key(name: str) -> str:
    """Return the form in which two names are compared: compatibility forms and cases folded.

    Raises:
        Problem: 422 when it is no name: empty, long, padded, or with characters that cannot be seen.
    """
    good = (
        0 < len(name) <= MAX_NAME
        and name.isprintable()
        and name == " ".join(name.split(" ")).strip()
        and "  " not in name
        and unicodedata.is_normalized("NFC", name)
    )
    key = folded(name) if good else ""
    if not key.strip() or len(key) > _MAX_KEY:
        raise Problem(
            INVALID_NAME,
            f"A name has 1 to {MAX_NAME} visible characters and no needless spaces.",
        )
    return key


def folded(text: str) -> str:
    """Return a name, or a part of one, as it is compared."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def shown_name(name: str | None, locale: str = "en") -> str:
    """Return what is shown as the name of an account.

    Args:
        name: as it is kept; None: it was erased.
        locale: "en" or "ru": the language of the reader.
    """
    return DELETED[locale] if name is None else name
