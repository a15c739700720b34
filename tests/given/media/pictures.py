"""Pictures for tests: good ones of each format, and files that only look like pictures."""

import io
import struct
import zlib
from collections.abc import Iterator
from typing import Any

from PIL import Image, ImageCms
from PIL.PngImagePlugin import PngInfo

WIDTH, HEIGHT = 24, 16

FORMATS = {"JPEG": "jpeg", "PNG": "png", "WEBP": "webp", "AVIF": "avif", "GIF": "gif"}
"""What Pillow calls a format, and the end of its media type."""

PLACE = b"GPS-OF-THE-CAMERA"
"""Bytes that stand for what nobody may see: in EXIF, a comment, a text, XMP."""


def drawn(mode: str = "RGB", size: tuple[int, int] = (WIDTH, HEIGHT)) -> Image.Image:
    """Return a picture whose left upper quarter is red and whose rest is blue."""
    image = Image.new("RGB", size, (0, 0, 255))
    image.paste((255, 0, 0), (0, 0, size[0] // 2, size[1] // 2))
    return image.convert(mode)


def written(name: str, image: Image.Image | None = None, **how: Any) -> bytes:
    """Return a picture as a file of a format."""
    target = io.BytesIO()
    (image or drawn()).save(target, name, **how)
    return target.getvalue()


def exif(orientation: int = 1) -> Image.Exif:
    """Return what a camera says of itself."""
    said = Image.Exif()
    said[0x0112] = orientation
    said[0x010E] = PLACE.decode()
    said.get_ifd(0x8825)[1] = "N"
    said.get_ifd(0x8825)[2] = (55.0, 45.0, 21.0)
    return said


def told(name: str) -> bytes:
    """Return a picture that carries all that a format can carry beside a picture."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    how: dict[str, Any] = {"icc_profile": profile, "exif": exif()}
    if name == "JPEG":
        how |= {"comment": PLACE, "xmp": PLACE}
    if name == "WEBP":
        how |= {"xmp": PLACE}
    if name == "GIF":
        how = {"comment": PLACE}
    if name == "PNG":
        text = PngInfo()
        text.add_text("Comment", PLACE.decode())
        text.add_itxt("XML:com.adobe.xmp", PLACE.decode())
        how |= {"pnginfo": text}
    return written(name, **how)


def exchanged_profile() -> bytes:
    """Return a profile of sRGB whose red and blue are exchanged: the names of two tables in it are."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for one, other in ((b"rXYZ", b"bXYZ"), (b"rTRC", b"bTRC")):
        first, second = profile.index(one), profile.index(other)
        changed = bytearray(profile)
        changed[first : first + 4], changed[second : second + 4] = other, one
        profile = bytes(changed)
    return profile


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(width: int, height: int, data: bytes, depth: int = 8, colour: int = 2) -> bytes:
    """Return a PNG that says so of itself, whatever is in it."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def sized_jpeg(width: int, height: int) -> bytes:
    """Return a small JPEG whose header claims another size."""
    small = bytearray(written("JPEG"))
    at = small.index(b"\xff\xc0") + 5
    small[at : at + 4] = struct.pack(">HH", height, width)
    return bytes(small)


def lying_gif(width: int, height: int) -> bytes:
    small = bytearray(written("GIF"))
    small[6:10] = struct.pack("<HH", width, height)
    return bytes(small)


ZEROS = zlib.compress(bytes(30_000_000), 9)

BOMBS = {
    "a JPEG of 65,535 x 65,535": sized_jpeg(65_535, 65_535),
    "a PNG that unpacks to gigabytes": png(100_000, 100_000, ZEROS),
    "a PNG of more pixels than may be": png(10_000, 6_001, ZEROS),
    "a PNG with a side of a million": png(1_000_000, 1, ZEROS),
    "a GIF of 65,535 x 65,535": lying_gif(65_535, 65_535),
}

OTHERS = {
    "an SVG with a script": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "an SVG behind a byte order mark": b"\xef\xbb\xbf<?xml version='1.0'?><svg onload='alert(1)'/>",
    "a page": b"<!doctype html><script>alert(1)</script>",
    "a PostScript": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 1 1\n(%stdin) (r) file",
    "a ZIP": b"PK\x03\x04" + bytes(64),
    "a TIFF": written("TIFF"),
    "a BMP": written("BMP"),
    "an ICO": written("ICO", drawn(size=(16, 16))),
    "a PSD": b"8BPS\x00\x01" + bytes(64),
    "nothing": b"",
    "one byte": b"\xff",
    "a WAV": b"RIFF\x24\x00\x00\x00WAVEfmt " + bytes(32),
    "a film": b"\x00\x00\x00\x18ftypmp42" + bytes(64),
}
"""Files that are no pictures of ours."""

BROKEN = {
    "a JPEG head alone": b"\xff\xd8\xff\xe0" + bytes(64),
    "a PNG head alone": b"\x89PNG\r\n\x1a\n",
    "a WebP head alone": b"RIFF\x24\x00\x00\x00WEBPVP8 " + bytes(32),
    "an AVIF head alone": b"\x00\x00\x00\x1cftypavif" + bytes(64),
    "a GIF head alone": b"GIF89a",
    "a PNG with a wrong sum": written("PNG").replace(b"IDAT", b"IDAt", 1),
    "a PNG without its picture": png(8, 8, b""),
    "a PNG of a colour that is none": png(8, 8, ZEROS[:100], colour=9),
    "a profile for a picture": png(8, 8, zlib.compress(bytes(200))).replace(b"IDAT", b"iCCP", 1),
    "a PNG of no width": png(0, 8, ZEROS[:100]),
}


def polyglots() -> Iterator[tuple[str, bytes]]:
    """Yield pictures that are something else as well."""
    script = b"/*" + written("GIF")[6:] + b"*/=1;alert(1)//"
    yield "a GIF that is a script", b"GIF89a" + script
    for name in FORMATS:
        yield f"a {name} with a ZIP behind it", written(name) + b"PK\x03\x04evil.jar" + bytes(40)
        yield f"a {name} with a page behind it", written(name) + b"<script>alert(1)</script>"


def unusual() -> Iterator[tuple[str, bytes]]:
    """Yield good pictures of unusual sorts."""
    for mode in ("L", "CMYK", "1"):
        yield f"a JPEG in {mode}", written("JPEG", drawn(mode if mode != "1" else "L"))
    for mode in ("1", "L", "LA", "P", "RGBA", "I;16"):
        image = drawn("L").convert("I;16") if mode == "I;16" else drawn(mode)
        yield f"a PNG in {mode}", written("PNG", image)
    yield "a PNG with a transparent colour", written("PNG", drawn("P"), transparency=0)
    yield "one pixel", written("PNG", drawn(size=(1, 1)))
    frames = [drawn().rotate(90 * n) for n in range(4)]
    for name in ("GIF", "WEBP", "PNG", "AVIF"):
        yield f"an animated {name}", written(name, frames[0], save_all=True, append_images=frames[1:])
    yield "a progressive JPEG", written("JPEG", progressive=True)
    for name in FORMATS:
        yield f"a {name} that tells much", told(name)
