"""The portable form of the log: a header, then one line for each event, with the hash chain."""

import base64
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec

from kit.log.chain import canonical, link

FORMAT = "frankenjet.log"
VERSION = 1

MOST_OF_A_LINE = 4 * 1024 * 1024
"""Bytes: more than any event of a log has, as an export writes it."""

SUFFIX = len(',"chain":""}') + 64


class NotPortable(ValueError):  # noqa: N818 - what the input is
    """A line that is not what an export would have written."""


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """The first line."""

    format: str
    version: int
    log: UUID
    """The log that was exported; what it is loaded into is another one."""
    events: int | None = None
    """How many events follow; None in exports of former builds."""


class _Line(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    position: int
    recorded_at: datetime
    type: Annotated[str, msgspec.Meta(pattern=r"\A[^\x00]{1,1000}\Z")]
    schema: Annotated[int, msgspec.Meta(ge=-(2**15), lt=2**15)]
    stream: UUID
    version: Annotated[int, msgspec.Meta(ge=1, le=2**63 - 1)]
    id: UUID
    meta: msgspec.Raw = msgspec.Raw()
    meta_base64: str = ""
    payload: msgspec.Raw = msgspec.Raw()
    payload_base64: str = ""
    chain: str


EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
"""Before any moment that a clock has ever told a log."""

_header = msgspec.json.Decoder(Header)
_line = msgspec.json.Decoder(_Line)


def write_header(log_id: UUID, events: int) -> bytes:
    """Return the first line of an export of so many events."""
    return msgspec.json.encode(Header(format=FORMAT, version=VERSION, log=log_id, events=events)) + b"\n"


def read_header(line: bytes) -> Header:
    """Read the first line of an export; raises NotPortable."""
    try:
        header = _header.decode(line)
    except (ValueError, RecursionError):
        raise NotPortable("the first line is not the header of an export") from None
    if (header.format, header.version) != (FORMAT, VERSION):
        raise NotPortable("the header is of a format that this build does not know")
    return header


def write(row: Any, chain: bytes) -> tuple[bytes, bytes]:
    """Return the line of a stored event and the chain after it.

    Args:
        row: columns in the order of `kit.log.rows`.
        chain: the chain before the event.
    """
    event = canonical(*row)
    chain = link(chain, event)
    return b'%b,"chain":"%b"}\n' % (event[:-1], chain.hex().encode()), chain


def read(line: bytes, chain: bytes) -> tuple[tuple[Any, ...], bytes]:
    """Return the stored event of a line and the chain after it.

    Args:
        line: as `write` made it.
        chain: the chain before the event.

    Raises:
        NotPortable: when the line is not exactly what `write` makes of its event.
    """
    try:
        found = _line.decode(line)
        if found.recorded_at < EARLIEST:
            raise NotPortable("no clock has told that moment")
        row = (
            found.position,
            found.stream,
            found.version,
            found.id,
            found.recorded_at,
            found.schema,
            found.type,
            bytes(found.meta) or base64.b64decode(found.meta_base64),
            bytes(found.payload) or base64.b64decode(found.payload_base64),
        )
        again, chain = write(row, chain)
    except (ValueError, RecursionError) as error:
        raise NotPortable(f"not an event: {error}") from None
    if again != line:
        raise NotPortable("the event does not fit its chain")
    return row, chain
