"""More than 300 files that are made to break a reader of pictures, or to get something past it."""

import random
from collections.abc import Iterator

from tests.given.media.pictures import (
    BOMBS,
    BROKEN,
    FORMATS,
    OTHERS,
    drawn,
    polyglots,
    told,
    unusual,
    written,
)

CUTS = 25
"""Lengths at which a file of each format is cut off; one small file is at every length."""

CHANGES = 15
"""Times that some bytes of a file of each format are changed."""

_SIDE = 65_535


def hostile(seed: int) -> dict[str, bytes]:
    """Return the files by what is wrong with them; the same seed gives the same files."""
    found = {**BOMBS, **OTHERS, **BROKEN, **dict(polyglots()), **dict(unusual())}
    return found | dict(_lying()) | dict(_cut()) | dict(_changed(random.Random(seed)))  # noqa: S311


def _lying() -> Iterator[tuple[str, bytes]]:
    """Yield small files that say of themselves that they are large, and pictures of one pixel."""
    for name in FORMATS:
        yield f"a {name} of one pixel", written(name, drawn(size=(1, 1)))
    sides = (_SIDE, 12_000, 4_000)
    for side in sides:
        webp = bytearray(written("WEBP"))
        webp[26:30] = (side & 0x3FFF).to_bytes(2, "little") * 2
        yield f"a WebP that claims {side}", bytes(webp)
        large = bytearray(written("WEBP", drawn("RGBA")))
        large[24:30] = (side - 1).to_bytes(3, "little") * 2
        yield f"a WebP in a canvas of {side}", bytes(large)
        avif = bytearray(written("AVIF"))
        at = avif.index(b"ispe") + 8
        avif[at : at + 8] = side.to_bytes(4) * 2
        yield f"an AVIF that claims {side}", bytes(avif)
        gif = bytearray(written("GIF"))
        at = gif.index(b",", 13) + 5
        gif[at : at + 4] = min(side, _SIDE).to_bytes(2, "little") * 2
        yield f"a GIF whose frame claims {side}", bytes(gif)


def _cut() -> Iterator[tuple[str, bytes]]:
    small = written("PNG", drawn(size=(3, 2)))
    for length in range(len(small)):
        yield f"a PNG cut at {length}", small[:length]
    for name in FORMATS:
        file = told(name)
        for number in range(CUTS):
            length = len(file) * number // CUTS
            yield f"a {name} that tells much, cut at {length}", file[:length]


def _changed(chance: random.Random) -> Iterator[tuple[str, bytes]]:
    for name in FORMATS:
        for number in range(CHANGES):
            file = bytearray(told(name))
            for _ in range(1 + number):
                file[chance.randrange(12, len(file))] = chance.randrange(256)
            yield f"a {name} with wrong bytes, {number}", bytes(file)
