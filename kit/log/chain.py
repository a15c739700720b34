"""The hash chain over the log: what one event contributes, byte for byte, and how the links join."""

import base64
import hashlib
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

import msgspec

START = bytes(32)
"""The chain before the first event."""

_syntax = msgspec.json.Decoder(msgspec.Raw)


class Seal(NamedTuple):
    """What every copy of a log comes to at a position."""

    position: int
    chain: bytes
    """The hash chain over all events up to the position, 32 bytes."""

    def __str__(self) -> str:
        return f"{self.position}:{self.chain.hex()}"


def canonical(  # noqa: PLR0917 - the columns of the log, in their order
    position: int,
    stream: UUID,
    version: int,
    id_: UUID,
    recorded_at: datetime,
    schema: int,
    type_: str,
    meta: bytes,
    payload: bytes,
) -> bytes:
    """Return the canonical form of a stored event: a JSON object on one line (docs/tamper-evidence.md).

    Args:
        position: place in the log.
        stream: the stream's id.
        version: place in the stream.
        id_: the event's id.
        recorded_at: aware, in UTC.
        schema: version of the payload.
        type_: stored name.
        meta: metadata as stored.
        payload: payload as stored; both stand in the form verbatim where they are JSON.
    """
    head = (
        f'{{"position":{position},"recorded_at":"{recorded_at.isoformat(timespec="microseconds")[:-6]}Z",'
        f'"type":{_quoted(type_)},"schema":{schema},"stream":"{stream}","version":{version},"id":"{id_}",'
    )
    return b"%b%b,%b}" % (head.encode(), _member("meta", meta), _member("payload", payload))


def link(chain: bytes, event: bytes) -> bytes:
    """Return the chain after one more event: SHA-256 of the chain before it and its canonical form."""
    return hashlib.sha256(chain + event).digest()


def _member(name: str, stored: bytes) -> bytes:
    if _is_json_object(stored):
        return b'"%b":%b' % (name.encode(), stored)
    return b'"%b_base64":"%b"' % (name.encode(), base64.b64encode(stored))


def _is_json_object(stored: bytes) -> bool:
    if stored[:1] != b"{" or stored[-1:] != b"}" or b"\n" in stored or b"\r" in stored:
        return False
    try:
        stored.isascii() or stored.decode()
        _syntax.decode(stored)
    except (ValueError, RecursionError):
        return False
    return True


@lru_cache(maxsize=1_000)
def _quoted(type_: str) -> str:
    return msgspec.json.encode(type_).decode()
