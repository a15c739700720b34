"""The answer to an accepted command: its bytes, and beside them what they say, as it is kept under a key."""

from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from kit.errors import Problem
from write_side.call import Call
from write_side.log.streams import Streams
from write_side.problem_types import KEY_REUSED

MADE, DONE = 201, 200
"""Status of an answer: something new is there, or something has happened to what was there."""


class Receipt(NamedTuple):
    """What became of a command: the same for every retry under one key."""

    body: bytes
    """JSON object, the same bytes for every retry."""
    stream: UUID
    type: str
    """Stored type of the first event of the command, such as article.revised; empty when nothing changed."""
    status: int
    version: int
    """Version of the stream: what the next command has to expect."""
    revision: int
    position: int
    """Position in the log of the command's last event."""
    address: str
    """Path at which the thing is found over HTTP."""
    replayed: bool = False
    """It is that of an earlier request under the same key."""


class Unfinished(msgspec.Struct, frozen=True, array_like=True):
    """A receipt but for the position, which only the log knows; so it is kept. New members go to the end."""

    body: bytes
    stream: UUID
    type: str
    status: int
    version: int
    revision: int
    address: str

    def finished(self, position: int, *, replayed: bool = False) -> Receipt:
        """Complete it with the log position of the command's last event."""
        return Receipt(
            b'%b,"position":%d}' % (self.body[:-1], position),
            self.stream,
            self.type,
            self.status,
            self.version,
            self.revision,
            position,
            self.address,
            replayed,
        )


def encoded(members: dict[str, Any]) -> bytes:
    """Return the JSON object of an unfinished receipt; it has at least one member."""
    return msgspec.json.encode(members)


to_keep = msgspec.msgpack.Encoder().encode
_kept = msgspec.msgpack.Decoder(Unfinished)


async def kept_under_key(streams: Streams, call: Call) -> Receipt | None:
    """Return the receipt of an earlier request under a call's key; None: there is none.

    Raises:
        Problem: 422 when that was another request, or one of a build whose receipts this one cannot read; 503
            when the log cannot be read.
    """
    kept = await streams.receipt(call.key) if call.key else None
    if kept is None:
        return None
    if kept.request != call.request:
        raise key_reused()
    try:
        unfinished = _kept.decode(kept.receipt)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise Problem(
            KEY_REUSED, detail="It was accepted by another build, whose answer this one cannot read."
        ) from None
    return unfinished.finished(kept.position, replayed=True)


def key_reused() -> Problem:
    """Return the refusal of a key that was used for another request."""
    return Problem(KEY_REUSED)
