"""Messages to bytes and bytes to frames: the one place that knows how AMQP 0-9-1 is laid out."""

import struct
from collections.abc import Iterator, Mapping
from functools import lru_cache

import msgspec
from pamqp import commands, exceptions, frame
from pamqp.constants import FRAME_BODY, FRAME_END_CHAR, FRAME_HEADER, FRAME_HEARTBEAT, FRAME_METHOD

CHANNEL = 1
"""The only channel that we open on a connection."""

FRAME_OVERHEAD = 8
"""Bytes of a frame that are not payload: type, channel, size and the end mark."""

MAX_FRAME = 1 << 20
"""Bytes; a broker that sends more in one frame than this is none."""

HEARTBEAT = b"\x08\x00\x00\x00\x00\x00\x00\xce"

_FRAME = struct.Struct(">BHI")
_HEADER = struct.Struct(">HHQH")
_PERSISTENT = b"\x02"
_PROPERTIES = 1 << 15 | 1 << 13 | 1 << 12 | 1 << 7 | 1 << 6
"""Flags of content type, headers, delivery mode, message id and timestamp, in the order of the wire."""

_KINDS = (FRAME_METHOD, FRAME_HEADER, FRAME_BODY, FRAME_HEARTBEAT)

type Frame = frame.FrameTypes


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """What is published: always persistent, always mandatory."""

    exchange: str
    routing_key: str
    body: bytes
    message_id: str
    """Not empty, at most 255 bytes; names the message when the broker returns it."""
    content_type: str
    timestamp: int
    """Seconds since 1970."""
    headers: Mapping[str, str | int] = {}


def encode(message: Message, frame_max: int) -> bytes:
    """Return all frames of one message; bodies are cut to the size that was agreed with the broker.

    The layout is written here and not by pamqp, which takes four times as long for it.

    Raises:
        ValueError: when a short text (keys, names, message id, content type) is longer than 255 bytes.
    """
    body = message.body
    header = b"".join(
        (
            _HEADER.pack(commands.Basic.frame_id, 0, len(body), _PROPERTIES),
            _short(message.content_type),
            _table(message.headers),
            _PERSISTENT,
            _short(message.message_id),
            message.timestamp.to_bytes(8),
        )
    )
    start = _publish(message.exchange, message.routing_key) + _framed(FRAME_HEADER, header)
    room = frame_max - FRAME_OVERHEAD
    if len(body) <= room:
        return start + _framed(FRAME_BODY, body) if body else start
    cuts = range(0, len(body), room)
    return start + b"".join(_framed(FRAME_BODY, body[cut : cut + room]) for cut in cuts)


class IncomingFrames:
    """Cuts the bytes that arrive into frames, however they were split on the way."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[Frame]:
        """Yield each frame that is complete.

        Raises:
            ValueError: when the bytes are not AMQP.
        """
        buffer = self._buffer
        buffer += data
        start = 0
        while len(buffer) - start >= _FRAME.size:
            kind, _, payload = _FRAME.unpack_from(buffer, start)
            size = payload + FRAME_OVERHEAD
            if kind not in _KINDS or size > MAX_FRAME:
                raise ValueError("the other end does not speak AMQP 0-9-1")
            if len(buffer) - start < size:
                break
            try:
                _, _, value = frame.unmarshal(bytes(buffer[start : start + size]))
            except exceptions.UnmarshalingException as error:
                raise ValueError(f"a frame cannot be read: {error}") from error
            start += size
            yield value
        del buffer[:start]


@lru_cache(maxsize=1024)
def _publish(exchange: str, routing_key: str) -> bytes:
    _short(routing_key)  # pamqp would say TypeError
    method = commands.Basic.Publish(exchange=exchange, routing_key=routing_key, mandatory=True)
    return frame.marshal(method, CHANNEL)


def _framed(kind: int, payload: bytes) -> bytes:
    return _FRAME.pack(kind, CHANNEL, len(payload)) + payload + FRAME_END_CHAR


def _table(headers: Mapping[str, str | int]) -> bytes:
    """Encode headers; integers always as 64 bits, so that a header does not change its type as it grows."""
    fields = []
    for name, value in headers.items():
        fields.append(_short(name))
        if isinstance(value, int):
            fields.append(b"l" + value.to_bytes(8, signed=True))
        else:
            text = value.encode()
            fields.append(b"S" + len(text).to_bytes(4) + text)
    table = b"".join(fields)
    return len(table).to_bytes(4) + table


def _short(text: str) -> bytes:
    raw = text.encode()
    try:
        return len(raw).to_bytes(1) + raw
    except OverflowError:
        raise ValueError("a name in a message is longer than 255 bytes") from None
