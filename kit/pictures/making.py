"""Has the variants of a picture made, by a process of their own."""

import asyncio
from collections.abc import Sequence
from typing import Annotated, BinaryIO

import msgspec

from kit.pictures.asking import PictureRequest
from kit.pictures.formats import HEAD, format_of
from kit.pictures.readers import PictureReaders
from kit.pictures.refusing import PictureRefused, as_said
from kit.pictures.variants import Focus, Variant, square

MOST_BYTES = 64 * 1024 * 1024
"""Of a variant."""

SECONDS = 60.0
"""Seconds that all variants of a picture may take, however much of them they wait for a core."""


async def make(
    readers: PictureReaders,
    source: BinaryIO,
    target: BinaryIO,
    wanted: Sequence[Variant],
    size: tuple[int, int],
    focus: Focus,
    *,
    seconds: float = SECONDS,
) -> list[bytes]:
    """Return the files of some variants of a picture, in their order.

    Args:
        readers: have it read.
        source: the picture as it is kept, a file at its beginning with a descriptor.
        target: an empty file with a descriptor.
        wanted: which ones.
        size: width and height of the picture.
        focus: the point around which the square is cut.
        seconds: that it may take.

    Raises:
        PictureRefused: it is no picture that we keep, or takes too much.
        Busy, ReadersAway: it cannot be read now.
    """
    cut = square(*size, focus)
    asked = [[one.width, one.height, one.type, cut if one.cut else None] for one in wanted]
    told = await readers.told(PictureRequest("resize", asked, seconds), source, target)
    files = await asyncio.to_thread(_parts, target, as_said(told, _Written).lengths)
    heads = [format_of(one[:HEAD]) for one in files]
    if [one.type for one in wanted] != [None if one is None else one.type for one in heads]:
        raise PictureRefused("broken")
    return files


class _Written(msgspec.Struct, forbid_unknown_fields=True):
    lengths: list[Annotated[int, msgspec.Meta(ge=1, le=MOST_BYTES)]]


def _parts(file: BinaryIO, lengths: Sequence[int]) -> list[bytes]:
    file.seek(0)
    return [file.read(length) for length in lengths]
