"""What a file is, by its first bytes: no name and no claim of the sender counts."""

from typing import NamedTuple

HEAD = 32
"""Bytes that tell."""


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
