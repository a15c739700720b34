"""The AsyncAPI document of what RabbitMQ carries, made from the classes that are sent."""

from typing import Any

import msgspec

from events.base import Event
from events.catalog import EVENTS
from events.kinds.catalog import KINDS
from kit.broker.publisher import EXCHANGE, LOG
from kit.broker.topology import PUBLIC, PUBLIC_LOG
from projections.forwarding.message import CONTENT_TYPE, CloudEvent
from projections.notary.seals import SEALED, SealEvent
from read_side.feed.event import StreamEvent

VERSION = "1.2.0"
"""Of the description: its first number changes when a bot would have to."""

ABOUT = """Every event of the log, in order.

At least once, in order per aggregate; duplicates after a crash carry the same id. Positions are dense within
a log and an epoch: a position that was passed over is missing, one that was seen is a copy. To begin in the
past, attach to the stream at an offset not beyond the position wanted and skip by position or id; the event
at position p of a whole stream stands at offset p - 1 or later. Ignore attributes and fields that you do not
know. AMQP headers: x-position, x-logid, x-epoch; message_id is the event's id.

Between the events come seals of the log (log.sealed). A seal is no event: it has no position of its own, says
nothing about an entry, and only the newest one matters, so some may be missing. Who does not audit the log
ignores them.

What readers may know goes to an exchange of its own as well, frankenjet.public, in the form in which
GET /v1/changes tells it: sequence is 1, 2, 3 … there, previous the position of the one before, so that a bot
sees for itself what it has lost. AMQP headers beside: x-sequence."""


OF_READERS = "public."
"""With which the names of messages begin that readers may know."""

PUBLIC_TYPES = tuple(
    f"{OF_READERS}{kind.name}.{step}"
    for kind in KINDS
    for step in ("published", "unpublished", "archived", "restored", "renamed")
)
"""Names of these messages: what stands behind is the type, and the routing key."""

BINDINGS = {"amqp": {"deliveryMode": 2, "mandatory": True, "timestamp": True}}


def document() -> dict[str, Any]:
    """Return the AsyncAPI 3.0 document; the same classes always give the same one."""
    _, schemas = msgspec.json.schema_components(
        [CloudEvent, SealEvent, StreamEvent, *EVENTS], ref_template="#/components/schemas/{name}"
    )
    for schema in schemas.values():
        schema.pop("additionalProperties", None)  # a bot of today meets the fields of tomorrow
    messages = {cls.TYPE: _message(cls) for cls in EVENTS} | {SEALED: _seal()}
    carried = {name: {"$ref": f"#/components/messages/{name}"} for name in messages}
    messages |= {name: _public(name) for name in PUBLIC_TYPES}
    shown = {name: {"$ref": f"#/components/messages/{name}"} for name in PUBLIC_TYPES}
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "FrankenJet events",
            "version": VERSION,
            "description": ABOUT,
            "license": {"name": "MIT"},
        },
        "defaultContentType": CONTENT_TYPE,
        "channels": {
            "events": _exchange(EXCHANGE, carried),
            "log": _stream(LOG, carried),
            "public": _exchange(PUBLIC, shown),
            "publicLog": _stream(PUBLIC_LOG, shown),
        },
        "operations": {
            "forward": {
                "action": "send",
                "channel": {"$ref": "#/channels/events"},
                "summary": "Each event goes out once the log holds it, and is confirmed by the broker.",
                "messages": [{"$ref": f"#/channels/events/messages/{cls.TYPE}"} for cls in EVENTS],
                "bindings": BINDINGS,
            },
            "seal": {
                "action": "send",
                "channel": {"$ref": "#/channels/events"},
                "summary": "A seal goes out at least every 1,000 events and 5 s; the newest one covers all.",
                "messages": [{"$ref": f"#/channels/events/messages/{SEALED}"}],
                "bindings": BINDINGS,
            },
            "replay": {
                "action": "send",
                "channel": {"$ref": "#/channels/log"},
                "summary": "The stream keeps what went out, for those who come later.",
            },
            "show": {
                "action": "send",
                "channel": {"$ref": "#/channels/public"},
                "summary": "What readers may know goes out in the order of its sequence.",
                "messages": [{"$ref": f"#/channels/public/messages/{name}"} for name in PUBLIC_TYPES],
                "bindings": BINDINGS,
            },
            "replayPublic": {
                "action": "send",
                "channel": {"$ref": "#/channels/publicLog"},
                "summary": "The stream keeps what went out, for those who come later.",
            },
        },
        "components": {"messages": messages, "schemas": schemas},
    }


def _exchange(exchange: str, carried: dict[str, Any]) -> dict[str, Any]:
    return {
        "address": "{kind}.{event}",
        "title": exchange,
        "description": "Bind a queue of your own; # means everything, article.* every event of articles.",
        "messages": carried,
        "parameters": {
            "kind": {
                "description": "What it is about; log: the log itself.",
                "enum": sorted({_type(name).partition(".")[0] for name in carried}),
            },
            "event": {"description": "What happened to it."},
        },
        "bindings": {
            "amqp": {
                "is": "routingKey",
                "exchange": {"name": exchange, "type": "topic", "durable": True, "autoDelete": False},
            }
        },
    }


def _stream(log: str, carried: dict[str, Any]) -> dict[str, Any]:
    return {
        "address": log,
        "title": log,
        "description": "A stream (x-queue-type: stream): consume it with x-stream-offset and a prefetch.",
        "messages": carried,
        "bindings": {
            "amqp": {
                "is": "queue",
                "queue": {"name": log, "durable": True, "exclusive": False, "autoDelete": False},
            }
        },
    }


def _message(cls: type[Event]) -> dict[str, Any]:
    carries = {
        "type": "object",
        "properties": {
            "type": {"const": cls.TYPE},
            "schemaversion": {"const": cls.SCHEMA},
            "data": {"$ref": f"#/components/schemas/{cls.__name__}"},
        },
    }
    payload = {"allOf": [{"$ref": "#/components/schemas/CloudEvent"}, carries]}
    return _described(cls.TYPE, cls.__doc__ or "", payload)


def _public(name: str) -> dict[str, Any]:
    typed = {"type": "object", "properties": {"type": {"const": _type(name)}}}
    payload = {"allOf": [{"$ref": "#/components/schemas/StreamEvent"}, typed]}
    about = "What readers may know of it, with what changed and a line in words."
    return _described(name, about, payload) | {"name": _type(name), "title": _type(name)}


def _type(name: str) -> str:
    return name.removeprefix(OF_READERS)


def _seal() -> dict[str, Any]:
    return _described(SEALED, SealEvent.__doc__ or "", {"$ref": "#/components/schemas/SealEvent"})


def _described(name: str, about: str, payload: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": name,
        "title": name,
        "summary": about.partition("\n")[0],
        "contentType": CONTENT_TYPE,
        "payload": payload,
    }
