"""Keyset cursors: unreadable to callers, bound to the question they continue, checked on their return."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from kit.errors import Problem
from read_side.problem_types import INVALID_CURSOR

MAX_CURSOR = 2_000
"""Characters of the longest cursor: the key of a title, fewer than 1,400 bytes, and a position."""

KEY = "select value from auth.secret where name = 'cursors'"
"""The key: the same for every process that serves the log, kept where only readers read, told to nobody."""


class Cursors:
    """Writes and reads cursors.

    They are sealed by AES-SIV (RFC 5297): what was not sealed with this key for this question does not open.
    Equal values give equal cursors, so that an unchanged page keeps its ETag.

    Args:
        key: 32, 48 or 64 secret bytes.
        log: id of the log, for which alone they open.
    """

    def __init__(self, key: bytes, log: UUID) -> None:
        self._cipher = AESSIV(key)
        self._log = log.bytes

    def seal(self, question: str, values: tuple[Any, ...]) -> str:
        """Return the cursor that stands after the item with these sort values.

        Args:
            question: everything that the next page must have in common with this one.
            values: numbers, texts, moments, ids.
        """
        sealed = self._cipher.encrypt(msgspec.json.encode(values), [self._log, question.encode()])
        return urlsafe_b64encode(sealed).rstrip(b"=").decode()

    def open(self, question: str, cursor: str, type_: Any) -> tuple[Any, ...]:
        """Return the sort values after which to go on, moments in UTC.

        Args:
            question: what the page is about.
            cursor: as it came.
            type_: a tuple type with the bounds of each value: a cursor of another build may hold others.

        Raises:
            Problem: 400, when the cursor was not made for this question or does not hold such values.
        """
        try:
            sealed = urlsafe_b64decode(cursor[:MAX_CURSOR] + "=" * (-len(cursor) % 4))
            if urlsafe_b64encode(sealed).rstrip(b"=").decode() != cursor:
                raise _foreign()
            opened = self._cipher.decrypt(sealed, [self._log, question.encode()])
            values = msgspec.json.decode(opened, type=type_)
            return tuple(one.astimezone(UTC) if isinstance(one, datetime) else one for one in values)
        except (ValueError, Error, InvalidTag, OverflowError):  # msgspec's errors are ValueErrors
            raise _foreign() from None


def _foreign() -> Problem:
    return Problem(
        INVALID_CURSOR,
        detail="Take it from `next`, and leave filters and sort as they were.",
        errors=[{"parameter": "cursor", "detail": "was not made for this list"}],
    )
