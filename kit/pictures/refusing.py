"""Why pictures are refused, and how far what their readers say is believed."""

from contextlib import suppress

import msgspec

REASONS = {
    "not-a-picture": "It is no JPEG, PNG, WebP, AVIF or GIF.",
    "too-many-pixels": "It has more than 60 million pixels, or a side of more than 20,000.",
    "broken": "It cannot be read to its end.",
    "takes-too-much": "To read it takes too much memory or time.",
}
"""Why a picture is refused, and the same in words."""


class PictureRefused(Exception):  # noqa: N818 - a verdict
    """A file is no picture that is kept; the reason is one of REASONS."""

    def __init__(self, reason: str) -> None:
        super().__init__(REASONS[reason])
        self.reason = reason


class _Refused(msgspec.Struct, forbid_unknown_fields=True):
    refused: str


def as_said[T](told: bytes, type_: type[T]) -> T:
    """Return what a reader has found. It has read what a stranger sent, so that it may say anything.

    Args:
        told: what it wrote; the last line counts.
        type_: what it says where it does not refuse.

    Raises:
        PictureRefused: it refuses, or says something else.
    """
    line = told.rstrip().rpartition(b"\n")[2]
    with suppress(msgspec.DecodeError):
        return msgspec.json.decode(line, type=type_)
    reason = ""
    with suppress(msgspec.DecodeError):
        reason = msgspec.json.decode(line, type=_Refused).refused
    raise PictureRefused(reason if reason in REASONS else "broken")
