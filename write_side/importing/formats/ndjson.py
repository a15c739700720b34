"""NDJSON of entries: a line for each revision of an entry of any kind."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import msgspec

from events.base import Locale
from events.entry import entry_stream
from write_side.importing.record import Aside, Author, Record, SetAside, entry_named, subject_of
from write_side.importing.wording import REASON_CHARACTERS, one_line

MOST_OF_A_LINE = 2 * 1024 * 1024
"""Bytes: more than any revision needs."""

UNNAMED = "\x1f"
"""Begins what stands in the place of a revision's name where a line has none; no name begins with it."""

_REFERENCE = re.compile(r"key:([a-z_]{1,40})/(.{1,300}?)(?:@(ru|en))?")


class _Author(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    key: str = ""


class _Line(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    kind: str
    key: Annotated[str, msgspec.Meta(min_length=1, max_length=300)]
    locale: Locale | None = None
    fields: dict[str, Any] | None = None
    removed: bool = False
    revision: Annotated[str, msgspec.Meta(max_length=300, pattern="^[^\x00-\x1f]*$")] = ""
    slug: Annotated[str, msgspec.Meta(max_length=300)] = ""
    publish: bool = False
    author: _Author | None = None
    at: Annotated[datetime, msgspec.Meta(tz=True)] | None = None
    reason: str = ""


_decode = msgspec.json.Decoder(_Line).decode


class LinesOrigin:
    """A file of lines.

    Args:
        path: the file.
        name: what tells it from other sources.
    """

    def __init__(self, path: Path, name: str) -> None:
        self.name = name
        self.total = path.stat().st_size
        self.done = 0
        self._file = path.open("rb")
        self._names: dict[tuple[str, str, str | None], bytes] = {}
        """Entry → what names the last of its revisions that has no name of its own."""

    def records(self) -> Iterator[Record | Aside]:
        """Yield a record for each line."""
        for number, line in enumerate(whole_lines(self._file, MOST_OF_A_LINE), 1):
            self.done = self._file.tell()
            place = f"line {number}"
            if line is None:
                yield Aside(place, f"is longer than {MOST_OF_A_LINE:,} bytes")
            elif line.strip():
                yield self._named(record_of(line, place, self.name))

    def _named(self, record: Record | Aside) -> Record | Aside:
        """Return a record whose revision has a name.

        Without one of its own it is named by its line and all such lines of its entry before it: the same
        line may stand there again, when somebody has gone back to what was.
        """
        if isinstance(record, Aside) or not record.revision.startswith(UNNAMED):
            return record
        entry = record.kind, record.key, record.locale
        name = hashlib.sha256(self._names.get(entry, b"") + record.revision.encode()).digest()[:16]
        self._names[entry] = name
        return msgspec.structs.replace(record, revision=name.hex())

    def close(self) -> None:
        self._file.close()


def whole_lines(file: BinaryIO, most: int) -> Iterator[bytes | None]:
    """Yield the lines of a file; None for one that is longer than so many bytes: it is never held whole."""
    while line := file.readline(most + 1):
        if len(line) <= most or line.endswith(b"\n"):
            yield line
            continue
        while line and not line.endswith(b"\n"):
            line = file.readline(most)
        yield None


def record_of(line: bytes, place: str, source: str) -> Record | Aside:
    """Read a line as a record.

    Args:
        line: a JSON object.
        place: where it stands.
        source: name of the source, within which `key:kind/key` names entries.
    """
    try:
        said = _decode(line)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        return Aside(place, f"is no record: {one_line(str(error), 200)}")
    if said.removed == (said.fields is not None):
        return Aside(place, "has either `fields` or `removed`")
    author = None if said.author is None else Author(said.author.name, said.author.key)
    return Record(
        place=place,
        kind=said.kind,
        key=said.key,
        locale=said.locale,
        revision=said.revision or UNNAMED + hashlib.sha256(line.strip()).hexdigest(),
        slug=said.slug,
        read=None if said.fields is None else partial(_fields, said.fields, source),
        publish=said.publish,
        author=author,
        at=said.at if said.at is None or 2 <= said.at.year <= 9998 else None,  # noqa: PLR2004 - room for an offset
        reason=one_line(said.reason, REASON_CHARACTERS),
    )


def _fields(fields: Mapping[str, Any], source: str) -> dict[str, Any]:
    try:
        return {name: _with_ids(value, source) for name, value in fields.items()}
    except RecursionError:
        raise SetAside("is nested too deep") from None


def _with_ids(value: Any, source: str) -> Any:
    """Put ids in the place of names of entries of the same source."""
    if isinstance(value, str) and value.startswith("key:") and (found := _REFERENCE.fullmatch(value)):
        kind, key, locale = found.groups()
        if locale is None:
            return str(entry_named(source, kind, key))
        return str(entry_stream(kind, subject_of(source, key), "ru" if locale == "ru" else "en"))
    if isinstance(value, list):
        return [_with_ids(one, source) for one in value]
    if isinstance(value, dict):
        return {name: _with_ids(one, source) for name, one in value.items()}
    return value
