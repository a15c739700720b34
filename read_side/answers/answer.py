"""What a query answers: bytes, what they depend on, and the position of the log that they stand for."""

import hashlib

import msgspec

OK = 200
"""Status of an answer that shows what was asked for."""


class Answer(msgspec.Struct, frozen=True, array_like=True):
    """A whole answer that does not depend on who asks.

    Encoded it is kept in Redis, under a key that names its fields and the code that makes it.
    """

    body: bytes
    etag: str
    """Entity tag with its quotes; empty: none."""
    tags: tuple[str, ...]
    """Purge tags: an event with one of them makes the answer old."""
    status: int = OK
    """200, 301, or 300 where there are several to choose from."""
    location: str = ""
    """Where to look instead, of a 301."""


encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Answer).decode


def decode(stored: bytes) -> Answer | None:
    """Return the answer, or None when the bytes are none."""
    try:
        return _decode(stored)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def entity_tag(*parts: bytes) -> str:
    """Return a strong entity tag: opaque, the same for the same parts, with its quotes."""
    hasher = hashlib.blake2b(digest_size=12)
    for part in parts:
        hasher.update(b"%d:" % len(part))
        hasher.update(part)
    return f'"{hasher.hexdigest()}"'
