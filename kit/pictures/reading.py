"""Reads one picture and writes it again, in a process of its own.

Everything that it needs is imported before it bounds itself: from then on it can open nothing, neither a file
nor a connection.
"""

import copy  # noqa: F401 - a plugin asks for it when it is too late
import resource
import sys
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, BinaryIO

from PIL import (  # noqa: F401 - the plugins are what may be read and written
    AvifImagePlugin,
    GifImagePlugin,
    Image,
    JpegImagePlugin,
    MpoImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

from kit.pictures.formats import AVIF, GIF, HEAD, JPEG, PNG, WEBP, PictureFormat, format_of, webp_size
from kit.pictures.strips import upright_in_srgb

MOST_PIXELS = 60_000_000
OF_COSTLY = {AVIF: 24_000_000, WEBP: 16_000_000}
"""Pixels of formats whose readers hold a picture several times."""

LONGEST = 20_000
"""Pixels of a side."""

MEMORY = 290 * 1024 * 1024
"""Bytes: a picture of 60 million pixels once, a strip of it, and the program."""

PROGRAM = 32 * 1024 * 1024
"""Bytes of that which the program takes before it reads."""

CPU_SECONDS = 15
MOST_WRITTEN = 256 * 1024 * 1024
"""Bytes that are written: 60 million pixels on their way, then the picture."""

QUALITY = 92
"""Of a JPEG that is written."""

SAMPLED = 256
"""Pixels of a row or a column by which the average colour is told."""

_HELD = 4
"""Bytes that Pillow holds of a pixel."""


class PictureUnfit(Exception):  # noqa: N818 - a verdict
    """A file is not taken; the reason is one of those of `cleaning`."""


def bound(apart: int) -> None:
    """Take away from this process what reading a picture does not need.

    Args:
        apart: what `mapped_alone` has returned.
    """
    if sys.platform == "linux":  # elsewhere it is not kept to
        most = MEMORY + apart
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
    for what, most in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_FSIZE, MOST_WRITTEN),
        (resource.RLIMIT_NPROC, 0),  # neither a process nor a thread
        (resource.RLIMIT_NOFILE, 0),  # what is open stays so: input and outputs
    ):
        resource.setrlimit(what, (most, most))
    Image.MAX_IMAGE_PIXELS = None  # ours is asked for before anything is unpacked
    AvifImagePlugin.DEFAULT_MAX_THREADS = 1


def mapped_alone() -> int:
    """Return the bytes of addresses behind which there is no memory, such as parts of libraries.

    It is asked before anything is forked: a process that was has less behind its addresses until it looks.
    """
    if sys.platform != "linux":
        return 0
    with open("/proc/self/statm") as file:  # noqa: PTH123 - less is read for it
        mapped, resident = file.read().split()[:2]
    return (int(mapped) - int(resident)) * resource.getpagesize()


def clean(source: BinaryIO, target: BinaryIO, square: int = 0) -> dict[str, str | int | None]:
    """Write a picture again, and return its type, width, height and colour, and the type that it came as.

    It is upright, in sRGB, with 8 bits a colour; of an animation it is the first frame. Photographs become
    JPEG; what has to be exact, or is transparent, becomes PNG.

    With a number of pixels, the middle of it becomes a square with sides of no more than so many.

    Raises:
        PictureUnfit: it is not taken.
    """
    head = source.read(HEAD)
    found = format_of(head)
    source.seek(0)
    if found is None:
        raise PictureUnfit("not-a-picture")
    if found is WEBP:
        _measured(found, webp_size(head))
    image: Image.Image = Image.open(source, formats=[found.name])
    _measured(found, image.size)
    _shrunk(image)
    image.load()
    image = upright_in_srgb(image, target)
    if square:
        image = _middle(image, square)
    kept = PNG if found in {PNG, GIF} or image.mode == "RGBA" else JPEG
    image.info = {}  # a comment, a profile, a palette's key: writers would take them along
    if kept is JPEG:
        image.save(target, JPEG.name, quality=QUALITY)
    else:
        image.save(target, PNG.name, compress_level=4)
    target.flush()
    measures = {"width": image.width, "height": image.height, "colour": average(image)}
    return {"type": kept.type, "came_as": found.type, **measures}


def _middle(image: Image.Image, side: int) -> Image.Image:
    least = min(image.size)
    left, top = (image.width - least) // 2, (image.height - least) // 2
    size = (min(least, side),) * 2
    # A large one is first made smaller by whole numbers, which takes no further memory.
    return image.resize(
        size, Image.Resampling.LANCZOS, (left, top, left + least, top + least), reducing_gap=2
    )


def average(image: Image.Image) -> str | None:
    """Return the average colour of a picture, such as #4a6b8c; None: all of it is transparent."""
    few = image.resize((min(image.width, SAMPLED), min(image.height, SAMPLED)), Image.Resampling.NEAREST)
    *colour, seen = few.convert("RGBA").resize((1, 1), Image.Resampling.BOX).tobytes()
    return f"#{bytes(colour).hex()}" if seen else None


def _measured(found: PictureFormat, size: tuple[int, int]) -> None:
    pixels = size[0] * size[1]
    if pixels > MOST_PIXELS or max(size) > LONGEST:
        raise PictureUnfit("too-many-pixels")
    if pixels > OF_COSTLY.get(found, MOST_PIXELS):
        raise PictureUnfit("takes-too-much")


def _shrunk(image: Image.Image) -> None:
    """Have a progressive JPEG read smaller where its halves and quarters alone fit into the memory.

    Its reader holds the coefficients of all pixels until the last one has come.

    Raises:
        PictureUnfit: even they do not fit.
    """
    if not isinstance(image, JpegImagePlugin.JpegImageFile) or "progressive" not in image.info:
        return
    spread = [(across, down) for _, across, down, _ in image.layer]
    full = max(across for across, _ in spread) * max(down for _, down in spread)
    pixels = image.width * image.height
    held = 2 * pixels * sum(across * down for across, down in spread) // full
    for scale in (1, 2, 4, 8):
        if held + _HELD * pixels // scale**2 <= MEMORY - PROGRAM:
            image.draft(image.mode, (image.width // scale, image.height // scale))
            return
    raise PictureUnfit("takes-too-much")


type Work = Callable[[BinaryIO, BinaryIO], Mapping[str, Any]]
"""What a process does with a picture: from one file to the other; what it says of that."""


def judged(source: BinaryIO, target: BinaryIO, work: Work = clean) -> Mapping[str, Any]:
    """Do what `work` does, and return why where a file is not taken, whatever it makes of its reader."""
    try:
        return work(source, target)
    except PictureUnfit as unfit:
        return {"refused": str(unfit)}
    except MemoryError:
        return {"refused": "takes-too-much"}
    except Exception:  # noqa: BLE001 - it is a file that cannot be read
        return {"refused": "broken"}


def reader(square: int) -> Work:
    """Return the work of `clean`, for a square with sides of no more than so many pixels; 0: none."""
    return partial(clean, square=square)
