"""An event as others receive it: a CloudEvents 1.0 message, in structured JSON."""

import re
from datetime import datetime
from functools import lru_cache
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec

from events.base import Client, Event, Recorded, SourceTime
from kit.broker.publisher import EXCHANGE, Message

CONTENT_TYPE = "application/cloudevents+json"

LONGEST_KEY = 63
"""Characters that are 255 bytes at the most, as AMQP bears them; only names of the library's are longer."""


def _said(description: str, **limits: Any) -> Any:
    return msgspec.Meta(description=description, **limits)


class CloudEvent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An event of the log. Attributes that CloudEvents 1.0 does not define are extensions of ours."""

    specversion: Literal["1.0"]
    id: Annotated[UUID, _said("The event's id, the same in every copy of it: drop what you have seen.")]
    source: Annotated[str, _said("/frankenjet/logs/<log id>")]
    type: Annotated[str, _said("Stored name, <kind>.<event>; also the routing key.")]
    subject: Annotated[str, _said("<kind>/<id of the stream>")]
    time: Annotated[datetime, _said("When the log recorded it; never decreases with position.", tz=True)]
    datacontenttype: Literal["application/json"]
    schemaversion: Annotated[int, _said("Version of the schema of data.", ge=1)]
    position: Annotated[int, _said("Place in the log: 1, 2, 3 … without a gap, in commit order.", ge=1)]
    streamversion: Annotated[int, _said("Place in its stream: 1, 2, 3 … without a gap.", ge=1)]
    logid: Annotated[UUID, _said("The log. Another one is a new beginning.")]
    epoch: Annotated[str, _said("Lineage of the log: another one after a fail-over or a restore.")]
    actor: Annotated[UUID, _said("Account that caused it. Never a name.")]
    command: Annotated[UUID, _said("Command that caused it.")]
    client: Annotated[Client, _said("Kind of client that the command came from.")]
    reason: Annotated[str, _said("The edit summary, on one line.")] = ""
    correlation: Annotated[UUID | None, _said("First command of the conversation, if not this one.")] = None
    causation: Annotated[UUID | None, _said("Event or command that led to the command, if any.")] = None
    sourcetime: Annotated[
        SourceTime | None, _said("When it was written where it was imported from, if it was.")
    ] = None
    data: Annotated[Any, _said("The event itself.")]


_encode = msgspec.json.Encoder().encode


def cloud_event(recorded: Recorded[Event], log_id: UUID, epoch: str, *, exchange: str = EXCHANGE) -> Message:
    """Return the message that carries an event; the same event always gives the same bytes."""
    event, meta, at = recorded.event, recorded.meta, recorded.at
    type_ = recorded.type
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
        sourcetime=meta.source_time,
        data=event,
    )
    return Message(
        exchange=exchange,
        routing_key=type_ if len(type_) <= LONGEST_KEY else _cut(type_),
        body=_encode(envelope),
        message_id=str(recorded.id),
        content_type=CONTENT_TYPE,
        timestamp=max(0, int(at.timestamp())),
        headers={"x-position": recorded.position, "x-logid": log, "x-epoch": epoch},
    )


_REFUSED = re.compile(
    "[\x00-\x1f\x7f-\x9f\ufdd0-\ufdef"
    + "".join(chr(plane * 0x10000 + last) for plane in range(17) for last in (0xFFFE, 0xFFFF))
    + "]"
)


@lru_cache(maxsize=8)
def _log_names(log_id: UUID) -> tuple[str, str]:
    return str(log_id), f"/frankenjet/logs/{log_id}"


def _cut(type_: str) -> str:
    return type_.encode()[:255].decode(errors="ignore")


def _one_line(text: str) -> str:
    """Replace what a CloudEvent may not hold: reasons of earlier builds have controls and noncharacters."""
    return text if text.isprintable() else _REFUSED.sub(" ", text)
