"""The variants in which a picture is served: which there are, how large they are, and how they are called."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple
from uuid import UUID

from kit.pictures.formats import AVIF, JPEG, WEBP, PictureFormat

WIDTHS = (320, 640, 1280, 1920)
"""Pixels; none is wider than the picture, and one as wide as the picture takes the place of the next one."""

SQUARE = 320
"""Pixels of a side of the square that is cut around the focal point."""

FORMATS: tuple[PictureFormat, ...] = (AVIF, WEBP, JPEG)
"""From the one of the fewest bytes to the one that everybody reads."""

ENDINGS = {AVIF.type: "avif", WEBP.type: "webp", JPEG.type: "jpg"}

RECIPE = 1
"""Stands in each name: what is written in another way has other names, and old ones stay as they are."""

MOST_PIXELS = 8_000_000
HIGHEST = 16_000
"""Pixels of a variant, and of its height: what is higher is served as it is kept. A WebP can have no more."""

PER_MILLE = 1000

STORED = "variants/"
"""Where what is made of kept pictures is in storage, in a folder for each: all of it can be made again."""

_POINT = "(?:0|[1-9][0-9]{0,2}|1000)"
_NAME = re.compile(rf"([0-9a-f]{{64}})-v{RECIPE}-(w[1-9][0-9]{{0,4}}|x{_POINT}y{_POINT})\.([a-z]+)")


class Focus(NamedTuple):
    """The point that has to stay when a picture is cut, in thousandths of its width and height."""

    x: int = PER_MILLE // 2
    y: int = PER_MILLE // 2


class Box(NamedTuple):
    """A part of a picture, in pixels."""

    left: int
    top: int
    right: int
    bottom: int


class Variant(NamedTuple):
    """A picture in other pixels and another format."""

    called: str
    """w640: so wide; x420y510: the square around this point."""
    width: int
    height: int
    type: str
    """Its media type."""

    @property
    def cut(self) -> bool:
        """Whether it is the square."""
        return self.called.startswith("x")

    def name(self, sha256: str) -> str:
        """Return the name of its file: a function of what is kept, and of how it is made."""
        return f"{sha256}-v{RECIPE}-{self.called}.{ENDINGS[self.type]}"


class VariantName(NamedTuple):
    """What the name of a variant's file says."""

    sha256: str
    """Of the picture that is kept."""
    called: str
    type: str


def folder_of(picture: UUID) -> str:
    """Return what keys of a picture's variants begin with.

    It is of the picture, not of its bytes: two that were sent may have the same, and one be suppressed.
    """
    return f"{STORED}{str(picture)[:2]}/{picture}/"


def sizes(width: int, height: int) -> list[tuple[int, int]]:
    """Return widths and heights of the variants that show all of a picture, the smallest first."""
    found = ((one, max(1, round(height * one / width))) for one in sorted({min(w, width) for w in WIDTHS}))
    return [(w, h) for w, h in found if w * h <= MOST_PIXELS and h <= HIGHEST]


def variants(width: int, height: int, focus: Focus) -> Sequence[Variant]:
    """Return every variant of a picture, format by format, the smallest first; the square is the last one."""
    return tuple(_variants(width, height, focus))


def _variants(width: int, height: int, focus: Focus) -> Iterator[Variant]:
    side = min(SQUARE, width, height)
    for one in FORMATS:
        for w, h in sizes(width, height):
            yield Variant(f"w{w}", w, h, one.type)
        yield Variant(point_name(focus), side, side, one.type)


def point_name(focus: Focus) -> str:
    """Return what the square around a point is called."""
    return f"x{focus.x}y{focus.y}"


def square(width: int, height: int, focus: Focus) -> Box:
    """Return the largest square of a picture whose middle is as near to a point as it can be."""
    side = min(width, height)
    left = min(max(width * focus.x // PER_MILLE - side // 2, 0), width - side)
    top = min(max(height * focus.y // PER_MILLE - side // 2, 0), height - side)
    return Box(left, top, left + side, top + side)


def read_name(name: str) -> VariantName | None:
    """Return what the name of a file says; None: it is not that of a variant."""
    found = _NAME.fullmatch(name)
    type_ = next((type_ for type_, ending in ENDINGS.items() if found and found[3] == ending), None)
    return None if found is None or type_ is None else VariantName(found[1], found[2], type_)


def nearest(wanted: VariantName, width: int, height: int, focus: Focus) -> Sequence[Variant]:
    """Return what can be served under a name, the best one first: what it names, then what is next to it.

    Of a square that is cut around another point by now, the present one comes first. None: a picture of this
    size has no such variant.

    Args:
        wanted: what was asked for.
        width: of the picture.
        height: of the picture.
        focus: as it is now.
    """
    of_type = [one for one in variants(width, height, focus) if one.type == wanted.type]
    cut = wanted.called.startswith("x")
    exact = [one for one in of_type if one.called == wanted.called]
    if not cut and not exact:
        return ()
    if cut:
        return [*(one for one in of_type if one.cut), *(one for one in of_type if not one.cut)]
    larger = [one for one in of_type if not one.cut and one.width > exact[0].width]
    smaller = [one for one in of_type if not one.cut and one.width < exact[0].width]
    return [*exact, *larger, *reversed(smaller)]
