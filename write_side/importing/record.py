"""What every format is read as: one revision of one entry, or a place that could not be read as one."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, NamedTuple, Protocol
from uuid import UUID

import msgspec

from events.base import Locale
from events.entry import entry_stream, identified_stream
from events.kinds.catalog import KINDS
from kit.ids import named_id

IDENTIFIED = frozenset(kind.name for kind in KINDS if kind.identity)
"""Kinds whose entries are known by values of theirs, such as terms."""


class SetAside(Exception):  # noqa: N818 - what becomes of a record, not a fault
    """A record cannot become a revision; the text says why, and quotes nothing of it."""


class Aside(NamedTuple):
    """A record that did not become a revision."""

    place: str
    """Where it stands in the source: a line, a file at a commit, a page."""
    reason: str


class Author(NamedTuple):
    """Who wrote something in the source. Neither of these ever goes into the log."""

    name: str
    key: str
    """What tells him from others of that name there, such as an address."""


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """One revision of one entry as the source has it. Those of one entry come in their order."""

    place: str
    kind: str
    """Name of the kind of entry."""
    key: str
    """What names the entry within the source; of a kind in one language, with `locale`."""
    revision: str
    """What names this revision among those of the entry."""
    locale: Locale | None = None
    """Of a kind in one language: which."""
    slug: str = ""
    """The slug that it would like; empty: made from the title."""
    read: Callable[[], dict[str, Any]] | None = None
    """Gives the fields as a body has them; raises SetAside. None: the entry is gone from here on."""
    alone: bool = False
    """Whether the source has no history: this is what the entry is there now, whatever it was before."""
    step: int = 0
    """Which of several records of the entry it is, where such a source is read more than once."""
    publish: bool = False
    """Whether readers see it in the source."""
    author: Author | None = None
    at: datetime | None = None
    """When it was written, by the source's clock."""
    reason: str = ""
    """Why, on one line."""


def source_id(source: str) -> UUID:
    """Return what stands for a source in the log."""
    return named_id("import", source)


def stream_of(source: str, record: Record) -> UUID:
    """Return the entry that a record belongs to: the same for each run of the same source."""
    if record.locale is None:
        return entry_named(source, record.kind, record.key)
    return entry_stream(record.kind, subject_of(source, record.key), record.locale)


def entry_named(source: str, kind: str, key: str) -> UUID:
    """Return the id of an entry that is one for all languages.

    Args:
        source: name of the source.
        kind: name of its kind; where entries are known by values of theirs, the key is those with slashes.
        key: what names it within the source.
    """
    if kind in IDENTIFIED:
        return identified_stream(kind, key.split("/"))
    return named_id("import", source, kind, key)


def subject_of(source: str, key: str) -> UUID:
    """Return what an entry in one language is about; those of one key are translations of each other."""
    return named_id("import", source, "subject", key)


def command_of(source: str, record: Record) -> UUID:
    """Return the id of the command that a record stands for."""
    return named_id("import", source, record.kind, record.key, record.locale or "", record.revision)


class Origin(Protocol):
    """A source that was opened."""

    name: str
    """What tells it from others: records are named within it."""
    total: int
    """How much there is to read, in what it counts; 0: not known."""
    done: int
    """How much of that has been read."""

    def records(self) -> Iterator[Record | Aside]:
        """Yield what it holds, oldest first; it is read while it is asked, and never held whole."""
        ...

    def close(self) -> None:
        """Let go of files and processes."""
        ...
