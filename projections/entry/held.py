"""What the revisions of an entry hold: small fields where one changed, a long text whole or as parts."""

from collections import OrderedDict
from collections.abc import Iterable
from contextlib import suppress
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from events.base import Recorded
from events.entry import Content
from projections.projection import Row, RowNames, Rows
from read_side.entry.kind import LONG
from read_side.entry.parts import TextParts, hash_of, parts_of, put_together, weight
from read_side.entry.table import EntryTables

TEXT = "text"
"""Member of an entry's row that is no column: its newest long text, for the rest of a batch."""

FORMER = "former"
"""Another one: the revision of its small fields before the batch, and those fields."""

SPAN = 32
"""Revisions from a whole text up to the next one, at the most: so many rows are read for one text."""

SHORT = 2_000
"""Characters below which a text is always whole: it takes about as much as a row does without it."""

PARTS = 16
"""Into which the room for known texts is divided: they are counted when one part may be full."""

DEAR = 2
"""Times its own length that is read, at the most, for a text that is put together."""


class HeldBody(NamedTuple):
    """The long text of a revision."""

    text: str
    parts: TextParts | None
    """What its row holds in place of the text."""
    base: int
    """Revision that holds whole what it is put together from: itself, where there are no parts."""
    weight: int
    """Characters that are read to put it together."""
    digest: bytes | None
    """Hash of the text, unless it is short."""


class KnownTexts:
    """Long texts by their hash: one that is written again and again is not read back each time.

    An event that takes too long is interrupted at any step, in here as well. So there is no lock, which could
    stay locked, and no sum beside the texts, which would be wrong from then on: each call of the dictionary
    is whole, whatever other threads do, and how much there is is counted from what there is. That takes
    longer than all else here, so it is done once for many texts: when as much has come as a part of the room.

    Args:
        room: characters of all of them.
    """

    def __init__(self, room: int) -> None:
        self._room = room - room // PARTS
        self._part = room // PARTS
        self._uncounted = 0
        """Characters that have come since they were counted, or more."""
        self._texts: OrderedDict[bytes, str] = OrderedDict()

    def get(self, digest: bytes | None) -> str | None:
        """Return the text with this hash, if it is here."""
        return None if digest is None else self._texts.get(digest)

    def keep(self, digest: bytes, text: str) -> None:
        """Keep a text as the newest, and let the oldest go."""
        self._uncounted += len(text)  # before it is there: an interruption counts it once too often
        known = self._texts.pop(digest, None)
        self._texts[digest] = text
        if known is not None or self._uncounted <= self._part:
            return
        too_many = sum(map(len, self._texts.values())) - self._room
        with suppress(KeyError):  # other threads have let them go
            while too_many > 0:
                too_many -= len(self._texts.popitem(last=False)[1])
        self._uncounted = 0


KNOWN = KnownTexts(room=1_000_000)
"""Of this process, whatever log it reads: a hash has one text."""


def keeps_parts(row: Row, revision: int, text: str) -> bool:
    """Return whether a new text is to be stored as parts of the one before, if that saves something.

    Args:
        row: the entry before this revision.
        revision: the new one.
        text: its long text.
    """
    base = row["body_base"]
    return (
        len(text) >= SHORT
        and base is not None
        and revision - base < SPAN
        and row["body_weight"] <= DEAR * len(text)
    )


class HeldText:
    """Finds what the rows of a kind hold, and says which rows that takes."""

    def __init__(self, tables: EntryTables) -> None:
        self.tables = tables

    def text_before(self, recorded: Recorded[Any], rows: Rows) -> Iterable[RowNames]:
        """Name the revisions from which the text is put together that a new one may keep parts of."""
        event = recorded.event
        change = event.changed.get(LONG)
        if change is None or len(text := change.after["text"]) < SHORT:
            return ()
        row = rows.get(self.tables.entry, recorded.stream)
        if row is None or TEXT in row or not keeps_parts(row, event.revision, text):
            return ()
        if (known := KNOWN.get(row["body_hash"])) is not None:
            return (RowNames(self.tables.entry, (recorded.stream,), known={TEXT: known}),)
        chain = range(row["body_base"], row["body_revision"] + 1)
        return [RowNames(self.tables.revision, (recorded.stream, number), heavy=True) for number in chain]

    def of_published(self, recorded: Recorded[Any], rows: Rows) -> Iterable[RowNames]:
        """Name the revisions that hold the small fields and the text of the one that is published."""
        stream, revision = recorded.stream, self.tables.revision
        row = rows.get(self.tables.entry, stream)
        if row is None:
            return ()
        published = rows.get(revision, stream, recorded.event.revision)
        if published is None:  # it is made in the same batch, and may have the text of before
            numbers = {row["body_revision"]}
        else:
            numbers = {published["body_revision"]}
            if published["content"] is None and published["content_revision"] != row["content_revision"]:
                numbers.add(published["content_revision"])
        return [
            RowNames(revision, (stream, number))
            for number in sorted(numbers - {None})
            if rows.get(revision, stream, number) is None
        ]

    def first_body(self, text: str) -> HeldBody:
        """Return how the text of the first revision is stored."""
        if len(text) < SHORT:
            return HeldBody(text, None, 1, len(text), None)
        digest = hash_of(text)
        KNOWN.keep(digest, text)
        return HeldBody(text, None, 1, len(text), digest)

    def next_body(self, stream: UUID, revision: int, text: str, row: Row, rows: Rows) -> HeldBody:
        """Return how a new text is stored; the same for the same history, wherever a batch begins.

        Args:
            stream: the entry's id.
            revision: the new one.
            text: its long text.
            row: the entry before.
            rows: with those that `text_before` named.

        Raises:
            Damaged: the text before is not what was written.
        """
        if len(text) < SHORT:
            return HeldBody(text, None, revision, len(text), None)
        digest = hash_of(text)
        KNOWN.keep(digest, text)
        if keeps_parts(row, revision, text):
            parts = parts_of(self.text(stream, row, rows), text, digest)
            read = row["body_weight"] + weight(parts)
            if read <= DEAR * len(text):
                return HeldBody(text, parts, row["body_base"], read, digest)
        return HeldBody(text, None, revision, len(text), digest)

    def text(self, stream: UUID, row: Row, rows: Rows) -> str:
        """Return the newest text of an entry: as the batch knows it, or put together.

        Raises:
            Damaged: it is not what was written.
        """
        if TEXT in row:
            return row[TEXT]  # type: ignore[no-any-return]
        chain = range(row["body_base"], row["body_revision"] + 1)
        held = (rows.heavy(self.tables.revision, stream, number) for number in chain)
        return put_together((one["body"], one["parts"]) for one in held if one is not None)

    def content(self, stream: UUID, revision: Row, row: Row, rows: Rows) -> Any:
        """Return the small fields of a revision of an entry.

        Raises:
            LookupError: the revision is not there that holds them.
        """
        if revision["content"] is not None:
            return revision["content"]
        number = revision["content_revision"]
        if number == row["content_revision"]:
            return row["content"]
        if FORMER in row and number == row[FORMER][0]:
            return row[FORMER][1]
        holder = rows.get(self.tables.revision, stream, number)
        if holder is None:
            raise LookupError("the revision is not there that holds the content of the published one")
        return holder["content"]

    def links(self, stream: UUID, revision: Row, rows: Rows) -> Any:
        """Return where the text of a revision leads; None: it has none.

        Raises:
            LookupError: the revision is not there that holds the text.
        """
        number = revision["body_revision"]
        if number is None or number == revision["revision"]:
            return revision["links"]
        holder = rows.get(self.tables.revision, stream, number)
        if holder is None:
            raise LookupError("the revision is not there that holds the text of the published one")
        return holder["links"]


def defaults(content: type[Content]) -> dict[str, Any]:
    """Return every field in the order of its declaration, with its default as a JSON value."""
    fields = msgspec.structs.fields(content)
    return {f.name: None if f.required else msgspec.to_builtins(f.default) for f in fields}
