"""What a file is, by its first bytes: no name and no claim of the sender counts."""

from typing import NamedTuple

HEAD = 32
"""Bytes that tell."""

_SIDE = 0x3FFF


class PictureFormat(NamedTuple):
    """A format of pictures that is read."""

    type: str
    """Its media type."""
    name: str
    """What Pillow calls it."""


JPEG = PictureFormat("image/jpeg", "JPEG")
PNG = PictureFormat("image/png", "PNG")
WEBP = PictureFormat("image/webp", "WEBP")
AVIF = PictureFormat("image/avif", "AVIF")
GIF = PictureFormat("image/gif", "GIF")

FORMATS = (JPEG, PNG, WEBP, AVIF, GIF)

ENDINGS = {JPEG.type: "jpg", PNG.type: "png"}
"""Of the types in which pictures are kept."""


def format_of(head: bytes) -> PictureFormat | None:
    """Return the format of a file that begins so; None: it is no picture that is read, such as SVG."""
    if head.startswith(b"\xff\xd8\xff"):
        return JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return WEBP
    if head[4:8] == b"ftyp" and head[8:12] in {b"avif", b"avis"}:
        return AVIF
    if head.startswith((b"GIF87a", b"GIF89a")):
        return GIF
    return None


def webp_size(head: bytes) -> tuple[int, int]:
    """Return the width and height of which a WebP that begins so speaks: its reader takes memory at once."""
    sort = head[12:16]
    if sort == b"VP8X":
        return 1 + int.from_bytes(head[24:27], "little"), 1 + int.from_bytes(head[27:30], "little")
    if sort == b"VP8L":
        both = int.from_bytes(head[21:25], "little")
        return 1 + (both & _SIDE), 1 + (both >> 14 & _SIDE)
    return int.from_bytes(head[26:28], "little") & _SIDE, int.from_bytes(head[28:30], "little") & _SIDE
