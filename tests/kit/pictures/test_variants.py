"""A picture has variants of fixed widths in three formats, and a square around the point that matters."""

import io
import tempfile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from kit.pictures.making import make
from kit.pictures.readers import PictureReaders
from kit.pictures.refusing import PictureRefused
from kit.pictures.variants import (
    HIGHEST,
    MOST_PIXELS,
    SQUARE,
    WIDTHS,
    Focus,
    Variant,
    VariantName,
    nearest,
    read_name,
    sizes,
    square,
    variants,
)
from tests.given.media.pictures import drawn, written

SIDE = st.integers(1, 20_000)
POINT = st.integers(0, 1000)
SHA256 = "a" * 64


async def made(file: bytes, wanted: list[Variant], focus: Focus = Focus()) -> list[bytes]:  # noqa: B008
    with Image.open(io.BytesIO(file)) as image:
        size = image.size
    with tempfile.TemporaryFile() as source, tempfile.TemporaryFile() as target:
        source.write(file)
        source.flush()
        source.seek(0)
        async with PictureReaders() as readers:
            return await make(readers, source, target, wanted, size, focus)


@given(SIDE, SIDE)
def test_no_variant_is_larger_than_the_picture(width: int, height: int) -> None:
    for w, h in sizes(width, height):
        assert w <= min(width, WIDTHS[-1])
        assert h <= min(height, HIGHEST)
        assert w * h <= MOST_PIXELS


@pytest.mark.parametrize(
    ("width", "height", "expected"),
    [
        (4000, 3000, [(320, 240), (640, 480), (1280, 960), (1920, 1440)]),
        (1000, 500, [(320, 160), (640, 320), (1000, 500)]),
        (640, 480, [(320, 240), (640, 480)]),
        (24, 16, [(24, 16)]),
        (20_000, 1, [(320, 1), (640, 1), (1280, 1), (1920, 1)]),
        (1, 20_000, []),
        (1920, 20_000, [(320, 3333), (640, 6667)]),
    ],
)
def test_widths_are_those_of_the_list_and_that_of_the_picture(
    width: int, height: int, expected: list[tuple[int, int]]
) -> None:
    assert expected == sizes(width, height)


@given(SIDE, SIDE, POINT, POINT)
def test_the_square_lies_in_the_picture_and_holds_the_point(width: int, height: int, x: int, y: int) -> None:
    box = square(width, height, Focus(x, y))
    assert 0 <= box.left < box.right <= width
    assert 0 <= box.top < box.bottom <= height
    assert min(width, height) == box.right - box.left == box.bottom - box.top
    assert box.left <= min(width * x // 1000, width - 1) < box.right
    assert box.top <= min(height * y // 1000, height - 1) < box.bottom


@given(SIDE, SIDE, POINT, POINT)
def test_a_name_says_which_variant_it_is(width: int, height: int, x: int, y: int) -> None:
    every = variants(width, height, Focus(x, y))
    assert [VariantName(SHA256, one.called, one.type) for one in every] == [
        read_name(one.name(SHA256)) for one in every
    ]
    assert len(every) == len({one.name(SHA256) for one in every})


@pytest.mark.parametrize(
    "name",
    [
        f"{SHA256}.jpg", f"{SHA256}-v1-w0.jpg", f"{SHA256}-v1-w640.png", f"{SHA256}-v2-w640.jpg",
        f"{SHA256}-v1-x-1y5.jpg", f"{SHA256}-v1-w640.jpg\n", f"{SHA256}-v1-x1001y0.jpg",
        f"{SHA256}-v1-x05y0.jpg", "../w640.jpg",
        f"{'A' * 64}-v1-w640.jpg", f"{SHA256}-v1-w٦٤٠.jpg", "",
    ],
)  # fmt: skip
def test_other_names_are_none(name: str) -> None:
    assert read_name(name) is None


def test_what_is_not_there_is_answered_by_what_is_next_to_it() -> None:
    wanted = VariantName(SHA256, "w640", "image/webp")
    assert ["w640", "w1280", "w1920", "w320"] == [one.called for one in nearest(wanted, 4000, 3000, Focus())]
    moved = VariantName(SHA256, "x1y2", "image/avif")
    found = nearest(moved, 4000, 3000, Focus())
    assert ["x500y500", "w320", "w640", "w1280", "w1920"] == [one.called for one in found]
    assert {"image/avif"} == {one.type for one in found}
    assert [] == list(nearest(wanted, 500, 300, Focus()))


@pytest.mark.parametrize("mode", ["RGB", "L", "RGBA"])
async def test_each_variant_shows_the_picture_in_its_size_and_format(mode: str) -> None:
    file = written("PNG" if mode == "RGBA" else "JPEG", drawn(mode, (1000, 500)))
    every = list(variants(1000, 500, Focus(0, 0)))
    for one, content in zip(every, await made(file, every, Focus(0, 0)), strict=True):
        with Image.open(io.BytesIO(content)) as image:
            image.load()
            assert (one.type, (one.width, one.height)) == (image.get_format_mimetype(), image.size)
            assert not image.info.keys() & {"exif", "xmp", "icc_profile", "comment"}
            corner = image.convert("RGB").getpixel((2, 2))
            other = image.convert("RGB").getpixel((one.width - 2, one.height - 2))
        assert mode == "L" or (corner[0] > 200 and corner[2] < 60), one  # type: ignore[index]
        assert mode == "L" or (other[2] > 200 and other[0] < 60), one  # type: ignore[index]


async def test_the_square_is_cut_around_the_point() -> None:
    file = written("PNG", drawn(size=(900, 300)))  # red from 0 to 450, above
    cut = [one for one in variants(900, 300, Focus(0, 0)) if one.cut and one.type == "image/jpeg"]
    (left,) = await made(file, cut, Focus(0, 0))
    (right,) = await made(file, cut, Focus(1000, 0))
    seen = [Image.open(io.BytesIO(one)).convert("RGB").getpixel((150, 20)) for one in (left, right)]
    assert [True, False] == [one[0] > one[2] for one in seen]  # type: ignore[index]
    assert (300, 300) == Image.open(io.BytesIO(left)).size
    assert min(SQUARE, 300) == cut[0].width


async def test_what_is_no_picture_of_ours_is_refused() -> None:
    with tempfile.TemporaryFile() as source, tempfile.TemporaryFile() as target:
        source.write(b"nothing")
        source.flush()
        source.seek(0)
        async with PictureReaders() as readers:
            with pytest.raises(PictureRefused):
                await make(readers, source, target, list(variants(10, 10, Focus())), (10, 10), Focus())
