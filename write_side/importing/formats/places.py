"""What the path of a Markdown file says: its language, its key without that, the slug that it would like."""

import re
from pathlib import PurePosixPath
from typing import NamedTuple, get_args

from events.base import Locale

_LOCALES: tuple[Locale, ...] = get_args(Locale)
_MARKDOWN = re.compile(r"\.(md|markdown)\Z", re.IGNORECASE)


class FilePlace(NamedTuple):
    """What the path of a file says of the entry that it is about."""

    key: str
    """The path without its language and its suffix: the same for all translations."""
    locale: Locale
    slug: str
    """A wish: it still has to be made a slug."""
    stem: str
    """The name of the file without its language and its suffix."""


def is_markdown(path: str) -> bool:
    """Tell whether a file is Markdown by its name; one that is no more than a suffix has none."""
    name = path.rpartition("/")[2]
    return _MARKDOWN.search(name) is not None and _MARKDOWN.sub("", name).strip(".") != ""


def place_of(path: str, locale: Locale) -> FilePlace:
    """Read a path: `an-2.ru.md`, `ru/an-2.md` and `articles/ru/an-2.md` are in Russian.

    Args:
        path: within the source, with slashes.
        locale: the language of a path that names none.
    """
    parts = list(PurePosixPath(_MARKDOWN.sub("", path)).parts)
    found = locale
    name, dot, last = parts[-1].rpartition(".")
    if dot and name and last in _LOCALES:
        found, parts[-1] = _locale(last), name
    else:
        for number, part in enumerate(parts[:-1]):
            if part in _LOCALES:
                found = _locale(part)
                del parts[number]
                break
    key = "/".join(parts)
    return FilePlace(key, found, "-".join(parts), parts[-1])


def _locale(word: str) -> Locale:
    return next(one for one in _LOCALES if one == word)
