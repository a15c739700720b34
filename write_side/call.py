"""Who asks for what, on which stream, and under which key: the circumstances of a command."""

import hashlib
from uuid import UUID

import msgspec

from events.base import Client
from kit.ids import new_id
from write_side.aggregate import StreamClaim


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """A command's circumstances."""

    actor: UUID
    client: Client = "api"
    moderates: bool = False
    """Whether the actor is a moderator, for what is one's only in some states."""
    command: UUID = msgspec.field(default_factory=new_id)
    stream: UUID | None = None
    """What the command is on; None where it makes something."""
    entry: UUID | None = None
    """The id of what the command makes, where the caller names it by what it knows; None: a new id."""
    part: str = ""
    """The part of it that is meant, where the path names one, such as a former slug."""
    expected: int | None = None
    """Stream version from If-Match; None where the command makes something."""
    reason: str = ""
    """The edit summary, kept with the events."""
    key: UUID | None = None
    """Hash of the Idempotency-Key with its scope, actor and route."""
    request: UUID = UUID(int=0)
    """Hash of what is asked for and of the version it is based on, to tell a retry from another request."""
    correlation: UUID | None = None
    causation: UUID | None = None
    claims: tuple[StreamClaim, ...] = ()
    """Further streams that have to be where they were, or the command is too late."""


def digest(*parts: bytes) -> UUID:
    """Return the first 16 bytes of the SHA-256 of length-prefixed parts."""
    hasher = hashlib.sha256()
    for part in parts:
        hasher.update(len(part).to_bytes(8))
        hasher.update(part)
    return UUID(bytes=hasher.digest()[:16])
