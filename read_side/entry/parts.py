"""A long text as what it keeps of the text before and what is new; and the way back, proved by its hash."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import orjson

from read_side.comparing.matching import common_end, common_start

type TextParts = list[str | list[int]]
"""Beginning of the text's SHA-256 in hex; then, in order, [start, end] of the text before, or what is new.

Places count code points. It is made by rules of our own and not by a compressor, so it is the same
everywhere: read tables that were filled by different machines can be compared byte by byte.
"""

HASH_DIGITS = 12
"""Of the hash, in hex: enough to notice a fault; it proves nothing to anybody else."""

SHORTEST = 12
"""Code points that are kept: to name the place of fewer takes more than they do."""

type _Piece = str | tuple[int, int]


class Damaged(ValueError):  # noqa: N818 - a state of the table, not a fault of the caller
    """What is put together from the rows is not the text that was written."""


def hash_of(text: str) -> bytes:
    """Return the SHA-256 of a text."""
    return hashlib.sha256(text.encode()).digest()


def parts_of(before: str, after: str, digest: bytes) -> TextParts:
    """Return a text as parts of the one before it, in time that grows with both lengths.

    Args:
        before: the text before.
        after: the text.
        digest: its hash.
    """
    start = common_start(before, after)
    end = min(common_end(before, after), min(len(before), len(after)) - start)
    stop = len(before) - end
    lines = _lines(before, start, stop, after[start : len(after) - end])
    found = _joined(_cut(before, _joined([(0, start), *lines, (stop, len(before))])))
    told = _joined(_without_short(before, found))
    return [_told(digest), *[one if isinstance(one, str) else list(one) for one in told]]


def weight(parts: TextParts) -> int:
    """Return about how many characters the parts take where they are stored."""
    return sum([len(one) if isinstance(one, str) else SHORTEST for one in parts])


def put_together(rows: Iterable[tuple[str | None, TextParts | None]]) -> str:
    """Return the text of the last of some revisions.

    Args:
        rows: of each revision its whole text, or its parts, or neither; from a whole one on, in order.

    Raises:
        Damaged: it is not the text that was written.
    """
    text: str | None = None
    made_of: TextParts | None = None
    for whole, parts in rows:
        if whole is not None:
            text, made_of = whole, None
        elif parts is not None:
            text, made_of = _applied(text, parts), parts
    if text is None or (made_of is not None and _told(hash_of(text)) != made_of[0]):
        raise Damaged("a text that is put together from its parts is not the one that was written")
    return text


HELD = """
    select max(t.body) as whole, '[' || string_agg(t.parts::text, ',' order by t.revision) || ']' as parts
      from {schema}.revision t
     where t.entry = {entry} and t.revision between {base} and {revision}"""
"""What `text_in` needs of a text that the revision `revision` changed last; whole is only that of `base`."""


def text_in(row: Mapping[str, Any]) -> str | None:
    """Return the text of a row that has the columns of HELD; None when it has none.

    Raises:
        Damaged: it is not the text that was written.
    """
    if row["parts"] is None:
        return row["whole"]  # type: ignore[no-any-return]
    parts = orjson.loads(row["parts"])
    return put_together([(row["whole"], None), *[(None, one) for one in parts]])


def _applied(before: str | None, parts: TextParts) -> str:
    if before is None:
        raise Damaged("the whole text is not there of which a later one keeps parts")
    return "".join([one if isinstance(one, str) else before[one[0] : one[1]] for one in parts[1:]])


def _told(digest: bytes) -> str:
    return digest.hex()[:HASH_DIGITS]


def _lines(before: str, start: int, stop: int, new: str) -> Iterator[_Piece]:
    """Yield lines: as the place where they stand between `start` and `stop`, or as new."""
    places: dict[str, int] = {}
    place = start
    for line in before[start:stop].splitlines(keepends=True):
        places.setdefault(line, place)
        place += len(line)
    expected = start
    for line in new.splitlines(keepends=True):
        at = expected if before.startswith(line, expected, stop) else places.get(line)
        if at is None:
            yield line
        else:
            expected = at + len(line)
            yield at, expected


def _joined(pieces: Iterable[_Piece]) -> list[_Piece]:
    """Return the same text in fewer pieces: neighbours are one, and nothing is empty."""
    found: list[_Piece] = []
    fresh: list[str] = []
    for one in pieces:
        if isinstance(one, str):
            fresh.append(one)
        elif one[0] < one[1]:
            if new := "".join(fresh):
                found.append(new)
            fresh.clear()
            last = found[-1] if found else ""
            if isinstance(last, tuple) and last[1] == one[0]:
                found[-1] = last[0], one[1]
            else:
                found.append(one)
    if new := "".join(fresh):
        found.append(new)
    return found


def _cut(before: str, pieces: Sequence[_Piece]) -> Iterator[_Piece]:
    """Yield the same text: of a line in which something changed only the inside is new."""
    left = 0
    for number, one in enumerate(pieces, 1):
        if isinstance(one, tuple):
            left = one[1]
            yield one
            continue
        right = next(
            (kept[0] for kept in pieces[number : number + 1] if isinstance(kept, tuple)), len(before)
        )
        gap = before[left:right]
        start = common_start(gap, one)
        end = min(common_end(gap, one), min(len(gap), len(one)) - start)
        yield left, left + start
        yield one[start : len(one) - end]
        yield right - end, right


def _without_short(before: str, pieces: Iterable[_Piece]) -> Iterator[_Piece]:
    for one in pieces:
        yield before[one[0] : one[1]] if isinstance(one, tuple) and one[1] - one[0] < SHORTEST else one
