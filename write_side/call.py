"""Who asks for what, as the bus needs to know it; and what the bus answers."""

import hashlib
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from events.base import Client
from kit.ids import new_id


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """A command's circumstances."""

    actor: UUID
    client: Client = "api"
    moderates: bool = False
    """Whether the actor is a moderator, for what is one's only in some states of an entry."""
    command: UUID = msgspec.field(default_factory=new_id)
    expected: int | None = None
    """Stream version from If-Match; None where the entry does not exist yet."""
    reason: str = ""
    key: UUID | None = None
    """Hash of the Idempotency-Key with its scope, actor and route."""
    request: UUID = UUID(int=0)
    """Hash of what is asked for and of the version it is based on, to tell a retry from another request."""
    correlation: UUID | None = None
    causation: UUID | None = None


class Receipt(NamedTuple):
    """The answer to an accepted command: the same bytes for every retry under one key."""

    body: bytes
    replayed: bool = False
    """It is that of an earlier request under the same key."""

    @property
    def facts(self) -> dict[str, Any]:
        """Return {"id", "slug", "revision", "version", "position"}."""
        return msgspec.json.decode(self.body)  # type: ignore[no-any-return]


def unfinished(**facts: Any) -> bytes:
    """Encode a receipt but for its last member, the position, which only the log knows."""
    return msgspec.json.encode(facts)


def finished(receipt: bytes, position: int, *, replayed: bool = False) -> Receipt:
    """Complete a receipt with the log position of the command's last event."""
    return Receipt(b'%b,"position":%d}' % (receipt[:-1], position), replayed)


def digest(*parts: bytes) -> UUID:
    """Return the first 16 bytes of the SHA-256 of length-prefixed parts."""
    hasher = hashlib.sha256()
    for part in parts:
        hasher.update(len(part).to_bytes(8))
        hasher.update(part)
    return UUID(bytes=hasher.digest()[:16])
