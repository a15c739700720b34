"""Makes a picture upright, plain and sRGB strip by strip, so that it is never in memory twice."""

import io
import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import BinaryIO

from PIL import Image, ImageCms

STRIP = 2_000_000
"""Pixels that are worked on at once."""

HELD = 10_000_000
"""Pixels of the largest picture that changes in memory; a larger one goes through its file."""

_ORIENTATION = 0x0112
_SIXTEEN = 256
"""Values of 16 bits for each of 8."""

_TRANSPARENT = frozenset({"RGBA", "LA", "PA", "La", "RGBa"})
_SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
_PLAIN = frozenset({"L", "RGB", "RGBA"})

_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What makes a picture upright, by what its camera said of itself."""

_FROM_BELOW = frozenset({3, 4})
_ON_ITS_SIDE = frozenset({5, 6, 7, 8})
_FROM_THE_RIGHT = frozenset({7, 8})

type _Change = Callable[[Image.Image], Image.Image]


def upright_in_srgb(
    image: Image.Image, scratch: BinaryIO, *, held: int = HELD, strip: int = STRIP
) -> Image.Image:
    """Return a loaded picture upright, in sRGB, in the mode L, RGB or RGBA; the one given is closed.

    Args:
        image: it, with what it says of itself.
        scratch: an empty file that may be read and written, by its descriptor; it is empty afterwards.
        held: pixels up to which it is not needed.
        strip: pixels that are worked on at once.
    """
    turn = _turn(image)
    coloured = _to_srgb(image)
    if turn == 1 and coloured is None and image.mode in _PLAIN and "transparency" not in image.info:
        return image

    def changed(part: Image.Image) -> Image.Image:
        part = _settled(part.transpose(_TURNS[turn]) if turn in _TURNS else part)
        part = part if coloured is None else coloured(part)
        return part if part.mode in _PLAIN else part.convert("RGB")

    width, height = (image.height, image.width) if turn in _ON_ITS_SIDE else image.size
    rows = max(1, strip // width)
    place = _Scratch(scratch if width * height > held else None)
    mode = ""
    for top in range(0, height, rows):
        part = changed(image.crop(_source(turn, image.size, top, min(top + rows, height))))
        mode = part.mode
        place.write(part.tobytes())
    image.close()  # only now is there room for the other one
    made = Image.new(mode, (width, height))
    for top, data in zip(range(0, height, rows), place.read(len(mode) * width * rows), strict=True):
        made.paste(Image.frombytes(mode, (width, min(rows, height - top)), data), (0, top))
    place.empty()
    return made


class _Scratch:
    """Bytes on their way from one picture to the other: in a file, or in memory."""

    def __init__(self, file: BinaryIO | None) -> None:
        self._handle = None if file is None else file.fileno()
        self._memory = io.BytesIO()
        self._at = 0

    def write(self, data: bytes) -> None:
        if self._handle is None:
            self._memory.write(data)
            return
        rest = memoryview(data)
        while rest:
            written = os.pwrite(self._handle, rest, self._at)
            self._at += written
            rest = rest[written:]

    def read(self, size: int) -> Iterator[bytes]:
        """Yield all of it in pieces of this size, and a last one."""
        if self._handle is None:
            self._memory.seek(0)
            yield from iter(lambda: self._memory.read(size), b"")
            return
        for at in range(0, self._at, size):
            piece = b""
            wanted = min(size, self._at - at)
            while len(piece) < wanted:
                more = os.pread(self._handle, wanted - len(piece), at + len(piece))
                if not more:
                    raise OSError("the scratch file has become shorter")
                piece += more
            yield piece

    def empty(self) -> None:
        if self._handle is not None:
            os.ftruncate(self._handle, 0)


def _turn(image: Image.Image) -> int:
    with suppress(Exception):  # what a camera says of itself may be anything; the picture is good
        said = image.getexif().get(_ORIENTATION)
        return said if said in _TURNS else 1
    return 1


def _source(turn: int, size: tuple[int, int], top: int, bottom: int) -> tuple[int, int, int, int]:
    """Return the part of a picture whose pixels become the rows from top to bottom."""
    width, height = size
    if turn in _ON_ITS_SIDE:
        first, last = (width - bottom, width - top) if turn in _FROM_THE_RIGHT else (top, bottom)
        return first, 0, last, height
    first, last = (height - bottom, height - top) if turn in _FROM_BELOW else (top, bottom)
    return 0, first, width, last


def _to_srgb(image: Image.Image) -> _Change | None:
    """Return what brings a settled strip into sRGB; None: there is no profile that says anything."""
    said = image.info.get("icc_profile")
    if not said:
        return None
    mode = _settled(image.crop((0, 0, 1, 1))).mode
    try:
        own = ImageCms.ImageCmsProfile(io.BytesIO(said))
        how = ImageCms.buildTransform(own, _SRGB, mode, "RGBA" if mode == "RGBA" else "RGB")
    except (ImageCms.PyCMSError, OSError, ValueError):
        return None  # a profile that is none, or of other colours, says nothing
    return lambda part: ImageCms.applyTransform(part, how) or part


def _settled(image: Image.Image) -> Image.Image:
    """Return a picture with 8 bits a colour, as its profile means them."""
    if image.mode.startswith("I"):
        return image.convert("I").point(lambda value: value * (1 / _SIXTEEN)).convert("L")
    if image.mode != "RGBA" and (image.mode in _TRANSPARENT or "transparency" in image.info):
        return image.convert("RGBA")
    if image.mode in {"1", "P"}:
        return image.convert("L" if image.mode == "1" else "RGB")
    return image
