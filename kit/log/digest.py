"""An order-free, mergeable digest of the events that a reader has seen."""

import hashlib
from collections.abc import Iterable
from uuid import UUID

MODULUS = 2**128


def digest_of(seen: Iterable[tuple[int, UUID]]) -> int:
    """Return the sum, modulo 2^128, of a 128-bit BLAKE2b of each position and event id.

    The digests of two disjoint sets add up to that of their union, so parts of a replay may be merged.
    """
    blake = hashlib.blake2b
    total = 0
    for position, id_ in seen:
        total += int.from_bytes(blake(position.to_bytes(8) + id_.bytes, digest_size=16).digest())
    return total % MODULUS
