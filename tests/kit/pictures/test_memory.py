"""However large a picture is, the process that reads it takes less than 300 MB."""

from typing import Any

import pytest

from tests.given.media.pictures import drawn, exchanged_profile, exif, written
from tests.kit.pictures.weighing import weighed

SIXTY = (10_000, 6_000)
LARGE: dict[str, tuple[str, str, dict[str, Any]]] = {
    "a JPEG": ("JPEG", "RGB", {"quality": 50}),
    "a JPEG on its side": ("JPEG", "RGB", {"quality": 50, "exif": exif(6)}),
    "a JPEG with another profile": ("JPEG", "RGB", {"icc_profile": exchanged_profile()}),
    "a progressive JPEG": ("JPEG", "RGB", {"quality": 50, "progressive": True}),
    "a JPEG in CMYK": ("JPEG", "CMYK", {"quality": 50}),
    "a PNG": ("PNG", "RGB", {"compress_level": 1}),
    "a transparent PNG on its side": ("PNG", "RGBA", {"compress_level": 1, "exif": exif(8)}),
    "a PNG of two bytes a pixel": ("PNG", "LA", {"compress_level": 1}),
    "a PNG with a palette": ("PNG", "P", {"compress_level": 1}),
    "a GIF": ("GIF", "P", {}),
}
SOON = {"a JPEG on its side"}
"""The one that is read whenever tests run; the others take long."""


@pytest.mark.parametrize(
    "name", [name if name in SOON else pytest.param(name, marks=pytest.mark.prove) for name in LARGE]
)
def test_sixty_million_pixels_take_less_than_300_megabytes(name: str) -> None:
    file, mode, how = LARGE[name]
    said, most, _ = weighed(written(file, drawn(mode, SIXTY), **how))
    width, height = (5_000, 3_000) if "progressive" in name else SIXTY
    if "side" in name:
        width, height = height, width
    assert (width, height) == (said["width"], said["height"])
    assert most < 300 * 1024 * 1024


@pytest.mark.prove
@pytest.mark.parametrize(
    ("file", "how"),
    [("JPEG", {"progressive": True, "subsampling": 0}), ("WEBP", {"method": 0}), ("AVIF", {"speed": 10})],
)
def test_what_would_take_more_is_refused_before_it_takes_it(file: str, how: dict[str, Any]) -> None:
    said, most, _ = weighed(written(file, drawn(size=SIXTY), **how))
    assert {"refused": "takes-too-much"} == said
    assert most < 50 * 1024 * 1024


@pytest.mark.prove
@pytest.mark.parametrize(
    ("file", "size", "how"),
    [
        ("AVIF", (6_000, 4_000), {"speed": 10, "subsampling": "4:4:4", "exif": exif(6)}),
        ("WEBP", (4_000, 4_000), {"method": 0, "exif": exif(6)}),
    ],
)
def test_costly_formats_are_read_up_to_their_own_limits(
    file: str, size: tuple[int, int], how: dict[str, Any]
) -> None:
    said, most, _ = weighed(written(file, drawn(size=size), **how))
    assert (size[1], size[0]) == (said["width"], said["height"])
    assert most < 300 * 1024 * 1024
