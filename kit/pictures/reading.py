"""Reads one picture from standard input and writes it again to standard output; run as a process of its own.

What it found is a line of JSON on standard error. Everything that it needs is imported before it bounds
itself: from then on it can open nothing, neither a file nor a connection.
"""

import copy  # noqa: F401 - a plugin asks for it when it is too late
import io
import json
import os
import resource
import sys
from contextlib import suppress
from typing import BinaryIO

from PIL import (  # noqa: F401 - the plugins are what may be read and written
    AvifImagePlugin,
    GifImagePlugin,
    Image,
    ImageCms,
    ImageOps,
    JpegImagePlugin,
    MpoImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

from kit.pictures.formats import GIF, HEAD, JPEG, PNG, format_of

MOST_PIXELS = 60_000_000
LONGEST = 20_000
"""Pixels of a side."""

MEMORY = 640 * 1024 * 1024
"""Bytes of address space: a picture of 60 million pixels twice, as when it is turned, and the program."""

CPU_SECONDS = 15
MOST_WRITTEN = 128 * 1024 * 1024
"""Bytes of the picture that is written."""

QUALITY = 92
"""Of a JPEG that is written."""

SAMPLED = 256
"""Pixels of a row or a column by which the average colour is told."""

_SIXTEEN = 256
"""Values of 16 bits for each of 8."""

_TRANSPARENT = frozenset({"RGBA", "LA", "PA", "La", "RGBa"})
_SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))


class PictureUnfit(Exception):  # noqa: N818 - a verdict
    """A file is not taken; the reason is one of those of `cleaning`."""


def bound() -> None:
    """Take away from this process what reading a picture does not need."""
    Image.preinit()  # it looks for files
    for what, most in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_FSIZE, MOST_WRITTEN),
        (resource.RLIMIT_NOFILE, 0),  # what is open stays so: input and outputs
    ):
        resource.setrlimit(what, (most, most))
    if sys.platform == "linux":  # elsewhere it is not kept to
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    Image.MAX_IMAGE_PIXELS = None  # ours is asked for before anything is unpacked
    AvifImagePlugin.DEFAULT_MAX_THREADS = 1


def clean(source: BinaryIO, target: BinaryIO) -> dict[str, str | int | None]:
    """Write a picture again, and return its type, width, height and colour, and the type that it came as.

    It is upright, in sRGB, with 8 bits a colour; of an animation it is the first frame. Photographs become
    JPEG; what has to be exact, or is transparent, becomes PNG.

    Raises:
        PictureUnfit: it is not taken.
    """
    found = format_of(source.read(HEAD))
    source.seek(0)
    if found is None:
        raise PictureUnfit("not-a-picture")
    image: Image.Image = Image.open(source, formats=[found.name])
    if image.width * image.height > MOST_PIXELS or max(image.size) > LONGEST:
        raise PictureUnfit("too-many-pixels")
    image.load()
    image = _in_srgb(_upright(image))
    kept = PNG if found in {PNG, GIF} or image.mode == "RGBA" else JPEG
    image.info = {}  # a comment, a profile, a palette's key: writers would take them along
    if kept is JPEG:
        image.save(target, JPEG.name, quality=QUALITY)
    else:
        image.save(target, PNG.name, compress_level=4)
    target.flush()
    measures = {"width": image.width, "height": image.height, "colour": average(image)}
    return {"type": kept.type, "came_as": found.type, **measures}


def average(image: Image.Image) -> str | None:
    """Return the average colour of a picture, such as #4a6b8c; None: all of it is transparent."""
    few = image.resize((min(image.width, SAMPLED), min(image.height, SAMPLED)), Image.Resampling.NEAREST)
    *colour, seen = few.convert("RGBA").resize((1, 1), Image.Resampling.BOX).tobytes()
    return f"#{bytes(colour).hex()}" if seen else None


def _upright(image: Image.Image) -> Image.Image:
    with suppress(Exception):  # what a camera says of itself may be anything; the picture is good
        ImageOps.exif_transpose(image, in_place=True)
    return image


def _in_srgb(image: Image.Image) -> Image.Image:
    profile = image.info.get("icc_profile")
    transparent = image.mode in _TRANSPARENT or "transparency" in image.info
    if image.mode.startswith("I"):
        image = image.convert("I").point(lambda value: value * (1 / _SIXTEEN)).convert("L")
    elif transparent and image.mode != "RGBA":
        image = image.convert("RGBA")
    elif image.mode in {"1", "P"}:
        image = image.convert("L" if image.mode == "1" else "RGB")
    if profile:
        try:
            own = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            mode = "RGBA" if image.mode == "RGBA" else "RGB"
            image = ImageCms.profileToProfile(image, own, _SRGB, outputMode=mode) or image
        except (ImageCms.PyCMSError, OSError, ValueError):
            pass  # a profile that is none, or of other colours, says nothing
    return image if image.mode in {"L", "RGB", "RGBA"} else image.convert("RGB")


def main() -> None:
    """Do it once."""
    told = os.fdopen(os.dup(2), "w")
    try:
        bound()
        said: dict[str, str | int | None] = clean(sys.stdin.buffer, sys.stdout.buffer)
    except PictureUnfit as unfit:
        said = {"refused": str(unfit)}
    except MemoryError:
        said = {"refused": "takes-too-much"}
    except Exception:  # noqa: BLE001 - whatever a file makes of the reader, it is a file that cannot be read
        said = {"refused": "broken"}
    told.write(f"\n{json.dumps(said)}\n")
    told.flush()
    os._exit(0)  # nothing of a picture is looked at again


if __name__ == "__main__":
    main()
