"""An event as others receive it: a CloudEvents 1.0 message, in structured JSON."""

from datetime import datetime
from functools import lru_cache
from typing import Any, Literal
from uuid import UUID

import msgspec

from events.base import Event, Recorded
from kit.broker import EXCHANGE, Message

CONTENT_TYPE = "application/cloudevents+json"


class CloudEvent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The envelope. `type` is the stored name, "<kind>.<event>", and also the routing key.

    Attributes that CloudEvents does not define are its extensions, in lower case as it demands.
    """

    specversion: Literal["1.0"]
    id: UUID
    """The event's id: the same in every copy of it; drop what you have seen."""
    source: str
    """/frankenjet/logs/<log id>"""
    type: str
    subject: str
    """<kind>/<id of the stream>"""
    time: datetime
    """When the log recorded it: never decreases with position."""
    datacontenttype: Literal["application/json"]
    schemaversion: int
    """Version of the payload's schema."""
    position: int
    """Place in the log: 1, 2, 3 … without a gap."""
    streamversion: int
    """Place in its stream: 1, 2, 3 … without a gap."""
    logid: UUID
    epoch: str
    """Lineage of the log: another one after a fail-over or a restore."""
    actor: UUID
    """Account that caused it; never a name."""
    command: UUID
    client: str
    """page, api, bot, import or scheduler"""
    reason: str = ""
    """The edit summary, on one line."""
    correlation: UUID | None = None
    causation: UUID | None = None
    data: Any
    """The event itself."""


_encode = msgspec.json.Encoder().encode


def cloud_event(recorded: Recorded[Event], log_id: UUID, epoch: str) -> Message:
    """Return the message that carries an event; the same event always gives the same bytes."""
    event, meta, at = recorded.event, recorded.meta, recorded.at
    type_ = event.TYPE
    log, source = _log_names(log_id)
    envelope = CloudEvent(
        specversion="1.0",
        id=recorded.id,
        source=source,
        type=type_,
        subject=f"{type_.partition('.')[0]}/{recorded.stream}",
        time=at,
        datacontenttype="application/json",
        schemaversion=event.SCHEMA,
        position=recorded.position,
        streamversion=recorded.version,
        logid=log_id,
        epoch=epoch,
        actor=meta.actor,
        command=meta.command,
        client=meta.client,
        reason=_one_line(meta.reason),
        correlation=meta.correlation,
        causation=meta.causation,
        data=event,
    )
    return Message(
        exchange=EXCHANGE,
        routing_key=type_,
        body=_encode(envelope),
        message_id=str(recorded.id),
        content_type=CONTENT_TYPE,
        timestamp=int(at.timestamp()),
        headers={"x-position": recorded.position, "x-logid": log, "x-epoch": epoch},
    )


@lru_cache(maxsize=8)
def _log_names(log_id: UUID) -> tuple[str, str]:
    return str(log_id), f"/frankenjet/logs/{log_id}"


def _one_line(text: str) -> str:
    """Replace control characters: CloudEvents allows none in an attribute."""
    if text.isprintable():
        return text
    return "".join(letter if letter.isprintable() else " " for letter in text)
