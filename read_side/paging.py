"""Keyset cursors: opaque to callers, bound to the question that they continue, checked on their return."""

import hashlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from typing import Any

import orjson

from kit.errors import Problem

_SEAL = 9
"""Bytes of the seal."""

MAX_CURSOR = 2_000
"""Characters of the longest cursor: a title of 300 characters in four bytes each, and an id."""


class Cursors:
    """Writes and reads cursors.

    The seal is no wall, for a cursor opens nothing that its list does not show; it tells a cursor that was
    made here, for this question, from anything else.

    Args:
        key: the same in every process that serves the same log, at most 64 bytes.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key

    def seal(self, question: str, values: list[Any]) -> str:
        """Return the cursor that stands after the item with these sort values.

        Args:
            question: everything that the next page must have in common with this one.
            values: JSON values.
        """
        body = orjson.dumps(values)
        return _spelt(self._mark(question, body) + body)

    def open(self, question: str, cursor: str) -> list[Any]:
        """Return the sort values after which to go on.

        Raises:
            Problem: 400, when the cursor was not made for this question.
        """
        try:
            sealed = urlsafe_b64decode(cursor[:MAX_CURSOR] + "=" * (-len(cursor) % 4))
        except (ValueError, Error):
            sealed = b""
        body = sealed[_SEAL:]
        if sealed[:_SEAL] != self._mark(question, body) or _spelt(sealed) != cursor:
            raise Problem(
                400,
                "invalid-cursor",
                "The cursor does not belong to this list.",
                detail="Take it from `next`, and leave filters and sort as they were.",
                errors=[{"parameter": "cursor", "detail": "was not made for this list"}],
            )
        values: list[Any] = orjson.loads(body)
        return values

    def _mark(self, question: str, body: bytes) -> bytes:
        keyed = hashlib.blake2b(body, digest_size=_SEAL, key=self._key, person=b"cursor")
        keyed.update(question.encode())
        return keyed.digest()


def _spelt(sealed: bytes) -> str:
    return urlsafe_b64encode(sealed).rstrip(b"=").decode()
