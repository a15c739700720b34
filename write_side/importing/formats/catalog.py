"""Every format of sources, listed by hand."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from events.base import Locale
from write_side.importing.formats.git import GitOrigin
from write_side.importing.record import Origin


class WantedImport(NamedTuple):
    """What is told of a source beside its place."""

    source: str = ""
    """What tells it from others; empty: what it says itself."""
    locale: Locale = "en"
    """The language of what names none."""
    encoding: str = "latin-1"
    """Of texts that are not UTF-8."""
    branch: str = "HEAD"
    """Of a repository."""


class Format(NamedTuple):
    """A format of sources."""

    name: str
    about: str
    open: Callable[[Path, WantedImport], Origin]


FORMATS: Mapping[str, Format] = {
    one.name: one
    for one in (
        Format(
            "git",
            "a git repository of Markdown, with its history",
            lambda path, wanted: GitOrigin(
                path,
                name=wanted.source,
                branch=wanted.branch,
                locale=wanted.locale,
                encoding=wanted.encoding,
            ),
        ),
    )
}
"""Name → format."""
