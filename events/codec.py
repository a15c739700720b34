"""Event ↔ stored event: the one place where payloads are written, read and upcast."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import msgspec

from events.base import IS_READ, MAX_EVENT_BYTES, Event, Foreign, Meta
from events.catalog import EVENTS, UPCASTERS
from events.kind import Upcaster


class Unreadable(ValueError):  # noqa: N818 - a state of the stored event, not a fault of the caller
    """A stored event that this build cannot read: unknown type, unknown schema, or a broken payload."""


class TooLarge(ValueError):  # noqa: N818 - a state of the event, not a fault of the program
    """An event that the log does not take, although each of its fields is within its limit."""


class Stored(NamedTuple):
    """An event in the form in which the log holds it."""

    type: str
    schema: int
    payload: bytes


_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")


def _check_carried(stored: bytes) -> None:
    """Refuse a text that PostgreSQL cannot carry, which no build has ever stored; once for all fields.

    In JSON a NUL character is always spelt so, and half of a surrogate pair is refused by the decoder.

    Raises:
        ValueError: saying what there is.
    """
    if b"\\u0000" in stored and _NUL.search(stored):
        raise ValueError("it contains a NUL character")


class Codec:
    """Writes and reads the events of one catalogue.

    Args:
        events: every class that may be read or written; stored types must be unique.
        upcasters: (type, schema) → function from the payload of that schema to the next one's.
    """

    def __init__(
        self,
        events: Iterable[type[Event]],
        upcasters: Mapping[tuple[str, int], Upcaster] | None = None,
    ) -> None:
        self.classes = {cls.TYPE: cls for cls in events}
        self.upcasters = dict(upcasters or {})
        self._decoders = {name: msgspec.json.Decoder(cls) for name, cls in self.classes.items()}
        self._current = {name: cls.SCHEMA for name, cls in self.classes.items()}
        self._encode = msgspec.json.Encoder().encode
        self._meta = msgspec.json.Decoder(Meta)

    def encode(self, event: Event) -> Stored:
        """Return the stored form.

        Raises:
            TooLarge: it is larger than 768 KiB.
            ValueError: it is not of the catalogue.
        """
        if event.TYPE not in self.classes:
            raise ValueError(f"{event.TYPE or type(event).__name__} is not in the catalogue")
        payload = self._encode(event)
        if len(payload) > MAX_EVENT_BYTES:
            raise TooLarge(f"{event.TYPE} would have {len(payload):,} bytes, more than {MAX_EVENT_BYTES:,}")
        return Stored(event.TYPE, event.SCHEMA, payload)

    def decode(self, type_: str, schema: int, payload: bytes) -> Event:
        """Return the event, upcast to the schema of the day; raises Unreadable."""
        token = IS_READ.set(True)
        try:
            return self._event(type_, schema, payload)
        finally:
            IS_READ.reset(token)

    def encode_meta(self, meta: Meta) -> bytes:
        return self._encode(meta)

    def decode_meta(self, stored: bytes) -> Meta:
        token = IS_READ.set(True)
        try:
            return self._told(stored)
        finally:
            IS_READ.reset(token)

    def decode_both(self, type_: str, schema: int, meta: bytes, payload: bytes) -> tuple[Meta, Event]:
        """Return metadata and event of one row, as `decode_meta` and `decode` do."""
        token = IS_READ.set(True)
        try:
            return self._told(meta), self._event(type_, schema, payload)
        finally:
            IS_READ.reset(token)

    def readable(self) -> set[tuple[str, int]]:
        """Return each (type, schema) that this build can read."""
        known = {(name, cls.SCHEMA) for name, cls in self.classes.items()}
        return known | {key for key in self.upcasters if key[0] in self.classes}

    def _told(self, stored: bytes) -> Meta:
        try:
            _check_carried(stored)
            return self._meta.decode(stored)
        except (ValueError, RecursionError) as error:
            raise Unreadable(f"metadata cannot be read: {error}") from error

    def _event(self, type_: str, schema: int, payload: bytes) -> Event:
        if schema <= 0:
            return Foreign(name=type_, payload=payload)
        try:
            _check_carried(payload)
            if self._current[type_] == schema:
                return self._decoders[type_].decode(payload)
            return self._upcast(type_, schema, payload)
        except Unreadable:
            raise
        except KeyError as error:
            raise Unreadable(f"{type_} schema {schema} is unknown to this build") from error
        except (ValueError, RecursionError) as error:
            raise Unreadable(f"{type_} schema {schema} cannot be read: {error}") from error

    def _upcast(self, type_: str, schema: int, payload: bytes) -> Event:
        fields: dict[str, Any] = msgspec.json.decode(payload)
        while schema != self._current[type_]:
            upcast = self.upcasters[type_, schema]
            try:
                fields = upcast(fields)
            except Exception as error:
                raise Unreadable(
                    f"{type_} schema {schema} cannot be upcast: {type(error).__name__}: {error}"
                ) from error
            schema += 1
        event: Event = msgspec.convert(fields, self.classes[type_])
        return event


CODEC = Codec(EVENTS, UPCASTERS)
"""The codec of this build."""
