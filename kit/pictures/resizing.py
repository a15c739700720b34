"""Reads a kept picture and writes variants, one behind the other, in a process bounded as by `reading`."""

import io
from collections.abc import Sequence
from functools import partial
from typing import Any, BinaryIO, NamedTuple

from PIL import Image

from kit.pictures.formats import AVIF, HEAD, JPEG, WEBP, format_of
from kit.pictures.reading import PictureUnfit, Work
from kit.pictures.variants import Box

_WAYS: dict[str, tuple[str, dict[str, Any]]] = {
    AVIF.type: (AVIF.name, {"quality": 60, "speed": 8, "max_threads": 1}),
    WEBP.type: (WEBP.name, {"quality": 80, "method": 4}),
    JPEG.type: (JPEG.name, {"quality": 82, "progressive": True, "optimize": True}),
}
"""How each is written: the quality of about the same look, the speed that twelve megapixels have time for."""

BAND = 64
"""Rows of what is left of a large picture that are made at once."""

_TWICE = 2
_WHITE = (255, 255, 255)


class WantedVariant(NamedTuple):
    """A variant that is to be written."""

    width: int
    height: int
    type: str
    box: Sequence[int] | None
    """The part of the picture that it shows; None: all."""


def resize(wanted: Sequence[WantedVariant], source: BinaryIO, target: BinaryIO) -> dict[str, Any]:
    """Write variants one behind the other, and return their lengths in bytes.

    Raises:
        PictureUnfit: it is no picture that we keep.
    """
    found = format_of(source.read(HEAD))
    source.seek(0)
    if found is None:
        raise PictureUnfit("not-a-picture")
    image: Image.Image = Image.open(source, formats=[found.name])
    whole = image.size
    image.draft(image.mode, _least(wanted, whole))  # a JPEG is unpacked at a half, a quarter or an eighth
    image.load()
    image = _smaller(image, _least(wanted, whole)[0])
    made: dict[Any, Image.Image] = {}
    lengths = []
    for one in wanted:
        size = (one.width, one.height)
        key = (size, None if one.box is None else tuple(one.box))
        if key not in made:
            part = None if one.box is None else _in(Box(*one.box), whole, image.size)
            made[key] = image.resize(size, Image.Resampling.LANCZOS, part, reducing_gap=3.0)
        lengths.append(target.write(_written(made[key], one.type)))
    target.flush()
    return {"lengths": lengths}


def _least(wanted: Sequence[WantedVariant], whole: tuple[int, int]) -> tuple[int, int]:
    """Return the size that the picture needs to have, so that nothing is made larger than it is."""
    scales = [one.width / (whole[0] if one.box is None else one.box[2] - one.box[0]) for one in wanted]
    scale = max(scales, default=1.0)
    return max(1, round(whole[0] * scale)), max(1, round(whole[1] * scale))


def _smaller(image: Image.Image, width: int) -> Image.Image:
    """Make a large picture smaller by a whole number, band by band: it is gone before anything is written.

    Pillow turns a transparent one into another form for that, which of all of it would take as much again.
    """
    factor = image.width // max(1, width)
    if factor < _TWICE or image.height < factor:
        return image
    small = Image.new(image.mode, (-(-image.width // factor), -(-image.height // factor)))
    for top in range(0, image.height, BAND * factor):
        band = image.crop((0, top, image.width, min(top + BAND * factor, image.height)))
        small.paste(band.reduce(factor), (0, top // factor))
    return small


def _in(box: Box, whole: tuple[int, int], size: tuple[int, int]) -> tuple[float, float, float, float]:
    """Return a part of the picture in pixels of what was unpacked."""
    x, y = size[0] / whole[0], size[1] / whole[1]
    return box.left * x, box.top * y, min(box.right * x, size[0]), min(box.bottom * y, size[1])


def _written(image: Image.Image, media_type: str) -> bytes:
    name, how = _WAYS[media_type]
    if image.mode == "RGBA" and media_type == JPEG.type:
        ground = Image.new("RGB", image.size, _WHITE)
        ground.paste(image, mask=image)
        image = ground
    file = io.BytesIO()
    image.save(file, name, **how)
    return file.getvalue()


def resizer(wanted: Sequence[Sequence[Any]]) -> Work:
    """Return the work of `resize`, for variants as lists of what a WantedVariant has."""
    return partial(resize, [WantedVariant(*one) for one in wanted])
