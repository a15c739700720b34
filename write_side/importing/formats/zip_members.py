"""Reads the members of any zip: no path leads anywhere, nothing unpacks without a bound."""

import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from kit.errors import Refused
from write_side.importing.record import Aside, SetAside

MOST_MEMBERS = 20_000
MOST_OF_DIRECTORY = 4 * 1024 * 1024
"""Bytes of the list of members, which is held in memory."""

MOST_ALTOGETHER = 512 * 1024 * 1024
"""Bytes that all members may have unpacked."""

PIECE = 64 * 1024
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, struct.error)
_END = struct.Struct("<4s4H2LH")
_LOCATOR = 20
"""Bytes before the end where the large form says how many members there are in truth."""

_PACKED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED, _UTF_8 = 0x1, 0x800


class ZipMembers:
    """A zip that is open.

    Args:
        path: the file.

    Raises:
        Refused: it is no zip, or has too many members.
    """

    def __init__(self, path: Path) -> None:
        _bounded(path)
        try:
            self._zip = zipfile.ZipFile(path)
        except _BROKEN as error:
            raise Refused([f"{path.name} is no zip that can be read"]) from error
        self._left = MOST_ALTOGETHER

    def names(self) -> Iterator[str | Aside]:
        """Yield the names of files in order, and what is no file that may be read."""
        seen: set[str] = set()
        for member in sorted(self._zip.infolist(), key=lambda one: one.filename):
            if member.is_dir():
                continue
            place = ascii(member.filename)[1:-1][:300]
            if wrong := _wrong(member):
                yield Aside(place, wrong)
            elif member.filename in seen:
                yield Aside(place, "is there twice")
            else:
                seen.add(member.filename)
                yield member.filename

    def mark(self, *names: str) -> str:
        """Return what tells these files, as they are, from what they were in an earlier zip."""
        return " ".join(f"{name}:{self._zip.getinfo(name).CRC:08x}" for name in names)

    def read(self, name: str, most: int) -> bytes:
        """Return what a file holds.

        Raises:
            SetAside: it is too large, broken, or all of them together are too much.
        """
        held: list[bytes] = []
        size = 0
        try:
            with self._zip.open(name) as file:
                while piece := file.read(PIECE):
                    size += len(piece)
                    self._left -= len(piece)
                    if size > most:
                        raise SetAside(f"has more than {most:,} bytes")
                    if self._left < 0:
                        raise SetAside(f"is beyond the {MOST_ALTOGETHER:,} bytes that a zip may hold")
                    held.append(piece)
        except (
            zipfile.BadZipFile,
            zlib.error,
            EOFError,
            OSError,
            NotImplementedError,
            RuntimeError,
        ) as error:
            raise SetAside("is broken, or packed in a way that is not read") from error
        return b"".join(held)

    def close(self) -> None:
        self._zip.close()


def _bounded(path: Path) -> None:
    """Refuse a zip whose list of members would not fit, before it is read."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 65_557 - _LOCATOR))
        tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) < at + _END.size:
        raise Refused([f"{path.name} is no zip"])
    if tail[max(0, at - _LOCATOR) : at].startswith(b"PK\x06\x07"):
        raise Refused([f"{path.name} is of the large form of zips, which is not read"])
    _, _, _, _, members, directory, _, _ = _END.unpack_from(tail, at)
    if members > MOST_MEMBERS or directory > MOST_OF_DIRECTORY:
        raise Refused([f"{path.name} has more than {MOST_MEMBERS:,} members, or their list is too long"])


def _wrong(member: zipfile.ZipInfo) -> str:
    """Return why a member is not read; empty: it is."""
    path = PurePosixPath(member.filename)
    if not path.parts:
        return "has no name"
    if path.is_absolute() or ".." in path.parts or "\\" in member.filename or ":" in path.parts[0]:
        return "leads out of the zip"
    wrong = {
        "has a name that is not in UTF-8": not member.flag_bits & _UTF_8 and not member.filename.isascii(),
        "is encrypted": bool(member.flag_bits & _ENCRYPTED),
        "is packed in a way that is not read": member.compress_type not in _PACKED,
        "is a link": stat.S_ISLNK(member.external_attr >> 16),
    }
    return next((reason for reason, so in wrong.items() if so), "")
