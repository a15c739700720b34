"""A picture is turned and coloured strip by strip as it would be at once."""

import io
import tempfile

import pytest
from PIL import Image, ImageOps

from kit.pictures import strips
from tests.given.media.pictures import exif, written


@pytest.mark.parametrize("held", [0, strips.HELD])
@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA"])
def test_a_picture_is_turned_in_strips_as_it_would_be_at_once(mode: str, orientation: int, held: int) -> None:
    noise = Image.effect_noise((61, 37), 90).convert(mode)
    file = written("PNG", noise, exif=exif(orientation))
    with Image.open(io.BytesIO(file)) as image, tempfile.TemporaryFile() as scratch:
        wanted = ImageOps.exif_transpose(image)
        image.load()
        found = strips.upright_in_srgb(image, scratch, held=held, strip=500)
        assert (wanted.size, wanted.tobytes()) == (found.size, found.tobytes())
        assert b"" == scratch.read()
