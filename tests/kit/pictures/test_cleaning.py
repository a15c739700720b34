"""Whatever a stranger sends ends in a refusal with a reason, or in a picture that is nothing else."""

import asyncio
import io
import tempfile
from itertools import batched

import pytest
from PIL import Image

from kit.ids import new_id
from kit.pictures.cleaning import Cleaner, CleanPicture
from kit.pictures.refusing import PictureRefused
from kit.running.child import Busy
from tests.given.media import pictures
from tests.given.media.pictures import FORMATS, PLACE, drawn, exif, told, written

SPOKEN = (
    PLACE,
    b"Exif",
    b"eXIf",
    b"GPS",
    b"iCCP",
    b"ICC_PROFILE",
    b"<x:xmpmeta",
    b"tEXt",
    b"iTXt",
    b"script",
)
"""What stands in a file that holds more than a picture."""


def patient() -> Cleaner:
    """Return one that waits for a machine that has much else to do."""
    return Cleaner(seconds=300.0, turn=300.0)


async def cleaned(
    file: bytes, cleaner: Cleaner | None = None, *, square: int = 0, whose: str = ""
) -> tuple[CleanPicture, bytes]:
    if cleaner is None:
        async with patient() as own:
            return await cleaned(file, own, square=square)
    account = whose or new_id()
    with cleaner.turns.place(account), tempfile.TemporaryFile() as source, tempfile.TemporaryFile() as target:
        source.write(file)
        source.flush()
        source.seek(0)
        picture = await cleaner.clean(account, source, target, square=square)
        target.seek(0)
        return picture, target.read()


def colour(image: Image.Image, at: tuple[int, int]) -> str:
    found = image.convert("RGB").getpixel(at)
    assert isinstance(found, tuple)
    return "red" if found[0] > found[2] + 100 else "blue" if found[2] > found[0] + 100 else str(found)


async def judged(file: bytes, cleaner: Cleaner | None = None) -> str:
    """Return the reason of the refusal, or the type of a picture in which nothing else was found."""
    try:
        picture, kept = await cleaned(file, cleaner)
    except PictureRefused as refused:
        return refused.reason
    nothing_else_in(kept, picture)
    return picture.type


def nothing_else_in(kept: bytes, picture: CleanPicture) -> None:
    """See that a picture is one, and that nothing of a camera is left in it."""
    with Image.open(io.BytesIO(kept)) as image:
        image.load()
        assert (picture.width, picture.height) == image.size
        assert picture.type == f"image/{(image.format or '').lower()}"
        assert not image.getexif()
        assert {"exif", "icc_profile", "comment", "xmp"}.isdisjoint(image.info)
    assert [] == [one for one in SPOKEN if one in kept]


@pytest.mark.parametrize("name", FORMATS)
async def test_a_picture_of_each_format_is_kept_without_what_the_camera_said(name: str) -> None:
    file = told(name)
    assert PLACE in file
    picture, kept = await cleaned(file)
    kind = "image/png" if name in {"PNG", "GIF"} else "image/jpeg"
    assert CleanPicture(kind, 24, 16, f"image/{FORMATS[name]}", picture.colour) == picture
    assert kind == await judged(file)
    with Image.open(io.BytesIO(kept)) as image:
        assert "red" == colour(image, (2, 2))


@pytest.mark.parametrize(("orientation", "red"), [(1, (2, 2)), (3, (21, 13)), (6, (13, 2)), (8, (2, 21))])
@pytest.mark.parametrize("name", ["JPEG", "WEBP"])
async def test_a_picture_is_turned_as_the_camera_was_held(
    name: str, orientation: int, red: tuple[int, int]
) -> None:
    picture, kept = await cleaned(written(name, exif=exif(orientation)))
    assert (picture.width, picture.height) == ((24, 16) if orientation < 5 else (16, 24))
    with Image.open(io.BytesIO(kept)) as image:
        assert "red" == colour(image, red)


@pytest.mark.parametrize(
    ("file", "average"),
    [
        (written("PNG", drawn(size=(40, 40))), "#4000c0"),
        (written("PNG", Image.new("L", (3, 3), 16)), "#101010"),
        (written("PNG", Image.new("RGBA", (3, 3), (0, 0, 0, 0))), None),
    ],
)
async def test_the_average_colour_is_that_of_what_is_seen(file: bytes, average: str | None) -> None:
    assert average == (await cleaned(file))[0].colour


async def test_colours_are_those_of_the_profile() -> None:
    """A profile whose red and blue are exchanged shows what is stored as red as blue."""
    exchanged = pictures.exchanged_profile()
    _, kept = await cleaned(written("PNG", icc_profile=exchanged))
    with Image.open(io.BytesIO(kept)) as image:
        assert "blue" == colour(image, (2, 2))


ALL = {
    **pictures.BOMBS, **pictures.OTHERS, **pictures.BROKEN,
    **dict(pictures.polyglots()), **dict(pictures.unusual()),
}  # fmt: skip


async def test_files_that_are_more_or_less_than_a_picture_are_refused_or_cleaned() -> None:
    found = dict[str, str]()
    async with patient() as cleaner:
        for names in batched(ALL, 16):
            verdicts = await asyncio.gather(*(judged(ALL[one], cleaner) for one in names))
            found |= zip(names, verdicts, strict=True)
    assert {"not-a-picture"} == {found[one] for one in pictures.OTHERS}
    assert {"broken"} == {found[one] for one in pictures.BROKEN}
    assert {"too-many-pixels"} == {found[one] for one in pictures.BOMBS}
    assert {"image/png", "image/jpeg"} == {found[name] for name, _ in pictures.unusual()}
    assert {"image/png", "image/jpeg"} == {found[name] for name, _ in pictures.polyglots()}


async def test_a_crowd_is_sent_away() -> None:
    async with patient() as cleaner:
        found = await asyncio.gather(
            *(cleaned(written("PNG"), cleaner) for _ in range(40)), return_exceptions=True
        )
    assert 8 == sum(isinstance(one, Busy) for one in found)
    assert 32 == sum(isinstance(one, tuple) for one in found)
