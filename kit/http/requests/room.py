"""How much room a body gets: what the limits of its fields come to in their longest spelling, and no more."""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, Self

from pydantic import BaseModel

from kit.errors import Problem
from kit.problem_types import BAD_REQUEST, BODY_TOO_LARGE, TOO_MANY_BODIES

ESCAPED = 12
"""Bytes of a character outside of the first plane that is spelt as two escapes (RFC 8259, section 7)."""

_ESCAPED_BYTE = 6
"""Bytes of an escape; no byte of a text in UTF-8 takes more."""

_OTHERS = 24
"""Bytes of the longest number that is read, and of true, false and null."""

SPACES = 16 * 1024
"""Bytes for white space between the members of a body."""

UNBOUNDED = 1024 * 1024
"""Bytes of a body whose fields do not say how long they may be."""

HELD = 32 * 1024 * 1024
"""Bytes of bodies that a process holds at a time: those that arrive, and those whose commands run."""

PIECE = 256
"""Bytes that the pieces of a long body have on average, at least: each costs as much as hundreds of bytes."""

_FREE = 1_000
"""Pieces that may be as small as they like."""

ALTOGETHER = "x-maxBytes"
"""Name in a list's schema for the bytes that all its texts together may have in UTF-8."""


def room_for(model: Any) -> int:
    """Return how many bytes a valid body of a model can have, whatever way it is spelt."""
    if not (isinstance(model, type) and issubclass(model, BaseModel)):
        return UNBOUNDED
    return _room_of(model)


@cache
def _room_of(model: type[BaseModel]) -> int:
    """Return that of a model; most commands of all kinds share a few bodies."""
    schema = model.model_json_schema()
    size = _longest(schema, schema.get("$defs", {}))
    return UNBOUNDED if size is None else size + SPACES


def _longest(schema: Mapping[str, Any], known: Mapping[str, Any]) -> int | None:
    """Return the length of the longest value; None where there is no limit."""
    if "$ref" in schema:
        schema = known[schema["$ref"].rpartition("/")[2]]
    if "anyOf" in schema:
        return _most(_longest(one, known) for one in schema["anyOf"])
    if "enum" in schema or "const" in schema:
        return _most(_text(len(str(one))) for one in schema.get("enum", [schema.get("const")]))
    kind = schema.get("type")
    if kind == "string":
        length = 36 if schema.get("format") == "uuid" else schema.get("maxLength")
        return None if length is None else _text(length)
    if kind == "array":
        return _list(schema, known)
    if kind == "object":
        return _object(schema["properties"], known) if "properties" in schema else None
    return None if kind is None else _OTHERS


def _object(members: Mapping[str, Any], known: Mapping[str, Any]) -> int | None:
    sizes = [_longest(one, known) for one in members.values()]
    names = sum(_text(len(name)) + 2 for name in members)
    return None if None in sizes else 2 + names + sum(size or 0 for size in sizes)


def _list(schema: Mapping[str, Any], known: Mapping[str, Any]) -> int | None:
    items, item = schema.get("maxItems"), _longest(schema["items"], known)
    if items is None or item is None:
        return None
    size = 2 + items * (item + 1)
    limit = schema.get(ALTOGETHER)
    if limit is None:
        return int(size)
    return int(min(size, 2 + items * (_around(schema["items"], known) + 1) + _ESCAPED_BYTE * limit))


def _around(schema: Mapping[str, Any], known: Mapping[str, Any]) -> int:
    """Return what an item takes beside its texts: names, quotes, commas."""
    if "$ref" in schema:
        return _around(known[schema["$ref"].rpartition("/")[2]], known)
    return sum(_text(len(name)) + 4 for name in schema.get("properties", {})) + 4


def _text(characters: int) -> int:
    return ESCAPED * characters + 2


def _most(sizes: Iterable[int | None]) -> int | None:
    found = list(sizes)
    return None if None in found else max(size or 0 for size in found)


class Held:
    """Counts the bytes of the bodies that a process holds.

    Args:
        limit: of all of them together.
    """

    def __init__(self, limit: int = HELD) -> None:
        self.size = 0
        self._limit = limit

    def take(self, size: int) -> None:
        """Note that so many bytes more are held.

        Raises:
            Problem: 503 when there is no room for them now.
        """
        if self.size + size > self._limit:
            raise Problem(
                TOO_MANY_BODIES,
                detail="Many large ones are being read. Send it again in a moment.",
                headers={"Retry-After": "1"},
            )
        self.size += size

    def give_back(self, size: int) -> None:
        """Note that they are not held any longer."""
        self.size -= size


class Reading:
    """A body while it arrives, and while its command runs; what it takes is given back at the end of `with`.

    Args:
        held: counts it.
        room: bytes that it may have.
    """

    def __init__(self, held: Held, room: int) -> None:
        self._held = held
        self._room = room
        self._size = 0
        self._pieces = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._held.give_back(self._size)

    def take(self, piece: bytes) -> None:
        """Note a piece.

        Raises:
            Problem: 413 when it is too much, 400 when the pieces are too small, 503 when there is no room.
        """
        self._pieces += 1
        if self._size + len(piece) > self._room:
            raise Problem(BODY_TOO_LARGE)
        if self._pieces > _FREE + self._size // PIECE:
            raise Problem(BAD_REQUEST, "The body comes in too many small pieces.")
        self._held.take(len(piece))
        self._size += len(piece)
