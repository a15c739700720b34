"""A MediaWiki XML dump with every revision: a page is an article, its wikitext the body as it is."""

import bz2
import gzip
import re
from collections.abc import Iterator
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, cast
from xml.parsers import expat

from events.base import Locale
from events.content.texts import MAX_MARKDOWN_BYTES
from write_side.importing.formats.mediawiki_page import PageReader, WikiRevision
from write_side.importing.record import Aside, Author, Record, SetAside
from write_side.importing.wording import REASON_CHARACTERS, TITLE_CHARACTERS, one_line

PIECE = 64 * 1024
_NAMES = re.compile(rb"<(?:dbname|base)>([^<]{1,300})</")
ANONYMOUS = "Anonymous"
"""Stands for those whom a wiki knows by their address only."""


class WikiOrigin:
    """A dump, as it is or compressed (.gz, .bz2).

    Args:
        path: the file.
        name: what tells it from other sources; empty: what the dump calls its wiki.
        locale: the language of the wiki.
        fallback: its name where the dump does not tell it.
    """

    def __init__(self, path: Path, *, name: str, locale: Locale, fallback: str) -> None:
        self.total = path.stat().st_size
        self.done = 0
        self._raw = path.open("rb")
        self._file = _unpacked(path, self._raw)
        told = _NAMES.search(self._first())
        self.name = name or f"mediawiki:{told[1].decode(errors='replace') if told else fallback}"
        self._locale: Locale = locale

    def records(self) -> Iterator[Record | Aside]:
        """Yield each revision of each page, in the order of the dump."""
        reader = PageReader(MAX_MARKDOWN_BYTES)
        try:
            while piece := self._file.read(PIECE):
                reader.feed(piece)
                self.done = self._raw.tell()
                yield from map(self._record, reader.taken())
            reader.end()
        except (expat.ExpatError, SetAside) as error:
            yield from map(self._record, reader.taken())
            yield Aside(f"line {reader.line}", f"the dump cannot be read on from here: {error}")
        except (OSError, EOFError) as error:
            yield Aside(
                f"byte {self._raw.tell()}", f"the dump cannot be unpacked: {one_line(str(error), 100)}"
            )

    def close(self) -> None:
        self._file.close()
        self._raw.close()

    def _first(self) -> bytes:
        try:
            first = self._file.read(PIECE)
            self._file.seek(0)
        except (OSError, EOFError):
            return b""
        return first

    def _record(self, one: WikiRevision | Aside) -> Record | Aside:
        if isinstance(one, Aside):
            return one
        name = one.user or (ANONYMOUS if one.address else "")
        return Record(
            place=f"page {one.page}, revision {one.id}",
            kind="article",
            key=f"page {one.page}",
            locale=self._locale,
            revision=one.id,
            slug=one.title,
            read=partial(_fields, one),
            author=Author(name, one.user_id or one.address),
            at=_moment(one.at),
            reason=one_line(one.comment, REASON_CHARACTERS),
        )


def _fields(one: WikiRevision) -> dict[str, Any]:
    if one.gone:
        raise SetAside("its text was deleted in the wiki")
    if one.text is None:
        raise SetAside(f"has more than {MAX_MARKDOWN_BYTES:,} bytes")
    if one.model not in {"", "wikitext"}:
        raise SetAside("is no wikitext")
    return {"title": one_line(one.title, TITLE_CHARACTERS) or f"Page {one.page}", "body": one.text}


def _moment(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo and 2 <= at.year <= 9998 else None  # noqa: PLR2004 - room for an offset


def _unpacked(path: Path, raw: BinaryIO) -> BinaryIO:
    if path.suffix == ".bz2":
        return cast("BinaryIO", bz2.BZ2File(raw))
    return cast("BinaryIO", gzip.GzipFile(fileobj=raw)) if path.suffix == ".gz" else raw
