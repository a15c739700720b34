"""Every format of sources, listed by hand."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from events.base import Locale
from events.kinds.catalog import KINDS
from write_side.importing.formats.bundle import BundleOrigin
from write_side.importing.formats.git import GitOrigin
from write_side.importing.formats.mediawiki import WikiOrigin
from write_side.importing.formats.ndjson import LinesOrigin
from write_side.importing.formats.wikidata import ItemsOrigin
from write_side.importing.record import Origin

_FOLDERS = {name: kind.name for kind in KINDS for name in (kind.name, kind.path)}


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
        Format(
            "mediawiki",
            "an XML dump of a MediaWiki with every revision, also compressed (.gz, .bz2)",
            lambda path, wanted: WikiOrigin(
                path, name=wanted.source, locale=wanted.locale, fallback=path.name.partition(".")[0]
            ),
        ),
        Format(
            "ndjson",
            "a line for each revision of an entry of any kind",
            lambda path, wanted: LinesOrigin(path, wanted.source or f"ndjson:{path.stem}"),
        ),
        Format(
            "wikidata",
            "entity JSON of Wikidata: aircraft, makers, persons",
            lambda path, wanted: ItemsOrigin(path, wanted.source or "wikidata"),
        ),
        Format(
            "zip",
            "Markdown and JSON, a document for each entry",
            lambda path, wanted: BundleOrigin(
                path,
                name=wanted.source or f"zip:{path.stem}",
                locale=wanted.locale,
                kinds=_FOLDERS,
                encoding=wanted.encoding,
            ),
        ),
    )
}
"""Name → format."""
