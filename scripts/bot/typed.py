"""A message as what it is: its CloudEvent, and the event as the class that its kind declares."""

from typing import Any, NamedTuple

import msgspec

from events.base import Event
from events.codec import CODEC, Unreadable
from projections.forwarding.message import CloudEvent


class TypedEvent(NamedTuple):
    """An event of the log as a bot gets it."""

    told: CloudEvent
    """Who, when, where in the log; `data` as JSON."""
    event: Event | None
    """Such as ArticlePublished, in the newest schema; None: of a build newer than this one."""


class _Data(msgspec.Struct):
    type: str
    schemaversion: int
    data: msgspec.Raw


_TOLD: msgspec.json.Decoder[Any] = msgspec.json.Decoder(CloudEvent)
_DATA = msgspec.json.Decoder(_Data)


def typed(body: bytes) -> TypedEvent:
    """Return what a message says.

    Raises:
        ValueError: it is no event of a log.
    """
    told: CloudEvent = _TOLD.decode(body)
    raw = _DATA.decode(body)
    try:
        event = CODEC.decode(raw.type, raw.schemaversion, bytes(raw.data))
    except Unreadable:
        event = None
    return TypedEvent(told, event)
