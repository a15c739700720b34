"""Objects as files of a folder: written beside their place and moved there, so that none is half there."""

import asyncio
import hashlib
import os
import tempfile
from collections.abc import AsyncIterable, AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import IO, Self

import msgspec

from kit import clock
from kit.storage.objects import (
    FORM_SECONDS,
    MOST_LISTED,
    PIECE,
    ObjectMissing,
    ObjectPage,
    OpenObject,
    OtherBytes,
    OutOfRange,
    StorageAway,
    StoredObject,
    UploadForm,
    checked,
)
from kit.storage.tickets import UploadTicket, signed

HELD = 1024 * 1024
"""Bytes that are held before they are written."""

LEFT_SECONDS = 24 * 3600
"""Age of a file that a killed process has left half written; it is removed."""


class _Facts(msgspec.Struct):
    """What a file does not say of itself; true of the file of this size and time alone."""

    type: str
    sha256: str
    size: int
    written: int
    """The file's time in nanoseconds."""


class FileStorage:
    """Objects in a folder: `objects/<key>`, what is known of each in `facts/<key>`, unfinished in `new`.

    Args:
        folder: is made when it is needed.
        secret: signs tickets; every process that serves the same folder has the same.
        url: where forms are sent to, an address of ours.
        address: where anybody may read the files; empty: nowhere but here.
    """

    def __init__(self, folder: Path, secret: bytes = b"", url: str = "", address: str = "") -> None:
        self.secret, self.address = secret, address
        self._url = url
        self._objects, self._facts, self._new = (folder / name for name in ("objects", "facts", "new"))

    async def __aenter__(self) -> Self:
        await asyncio.to_thread(self._forget_left)
        return self

    async def __aexit__(self, *_: object) -> None:
        """Nothing is kept open."""

    async def ready(self) -> None:
        with _told():
            await asyncio.to_thread(_made, self._objects)

    async def put(
        self, key: str, pieces: AsyncIterable[bytes], *, media_type: str, sha256: str = ""
    ) -> StoredObject:
        place, hasher, size = self._objects / checked(key), hashlib.sha256(), 0
        with _told():
            file = await asyncio.to_thread(self._begun)
        try:
            held = bytearray()
            async for piece in pieces:
                size += len(piece)
                held += piece
                if len(held) >= HELD:
                    with _told():
                        await asyncio.to_thread(_written, file, bytes(held), hasher)
                    held.clear()
            with _told():
                await asyncio.to_thread(_written, file, bytes(held), hasher)
            found = hasher.hexdigest()
            if sha256 not in {"", found}:
                raise OtherBytes
            with _told():
                await asyncio.to_thread(self._moved, file, place, self._facts / key, media_type, found)
        finally:
            with suppress(OSError):  # on a full disk, what was not written yet cannot be written now either
                file.close()
            await asyncio.to_thread(Path(file.name).unlink, missing_ok=True)
        return StoredObject(key, size, media_type, found)

    @asynccontextmanager
    async def open(self, key: str, first: int = 0, last: int | None = None) -> AsyncIterator[OpenObject]:
        with _told():
            file = await asyncio.to_thread(self._opened, checked(key))
        try:
            known = self._known(key, os.fstat(file.fileno()))
            if first and first >= known.size:
                raise OutOfRange
            end = known.size if last is None else min(last + 1, known.size)
            yield OpenObject(known, _pieces(file, first, end))
        finally:
            file.close()

    async def head(self, key: str) -> StoredObject | None:
        with _told():
            return await asyncio.to_thread(self._head, checked(key))

    async def delete(self, key: str) -> None:
        with _told():
            await asyncio.to_thread(self._deleted, checked(key))

    async def list(self, prefix: str = "", after: str = "", most: int = MOST_LISTED) -> ObjectPage:
        with _told():
            return await asyncio.to_thread(self._listed, prefix, after, most)

    async def form(self, key: str, *, media_type: str, size: int) -> UploadForm:
        expires = int(clock.now().timestamp()) + FORM_SECONDS
        policy, signature = signed(UploadTicket(checked(key), media_type, size, expires), self.secret)
        fields = {"key": key, "Content-Type": media_type, "policy": policy, "signature": signature}
        return UploadForm(self._url, fields)

    # What is done in threads

    def _begun(self) -> IO[bytes]:
        _made(self._new)
        return tempfile.NamedTemporaryFile(dir=self._new, delete=False)

    def _moved(self, file: IO[bytes], place: Path, facts: Path, type_: str, sha256: str) -> None:
        file.flush()
        os.fsync(file.fileno())
        known = os.fstat(file.fileno())
        _made(place.parent)
        _made(facts.parent)
        said = _Facts(type_, sha256, known.st_size, known.st_mtime_ns)
        beside = Path(f"{file.name}.facts")
        beside.write_bytes(msgspec.json.encode(said))
        beside.replace(facts)  # first: until the file is there, it is true of nothing
        Path(file.name).replace(place)
        _synced(place.parent)

    def _opened(self, key: str) -> IO[bytes]:
        try:
            return (self._objects / key).open("rb", buffering=0)
        except FileNotFoundError:
            raise ObjectMissing from None

    def _head(self, key: str) -> StoredObject | None:
        try:
            return self._known(key, (self._objects / key).stat())
        except FileNotFoundError:
            return None

    def _known(self, key: str, file: os.stat_result) -> StoredObject:
        try:
            said = msgspec.json.decode((self._facts / key).read_bytes(), type=_Facts)
        except (OSError, msgspec.DecodeError):
            return StoredObject(key, file.st_size)
        if (said.size, said.written) != (file.st_size, file.st_mtime_ns):
            return StoredObject(key, file.st_size)
        return StoredObject(key, file.st_size, said.type, said.sha256)

    def _deleted(self, key: str) -> None:
        for place in (self._objects / key, self._facts / key):
            place.unlink(missing_ok=True)
        if (folder := (self._objects / key).parent).is_dir():
            _synced(folder)

    def _listed(self, prefix: str, after: str, most: int) -> ObjectPage:
        found: list[StoredObject] = []
        for key, file in _keys(self._objects, "", prefix, after):
            if len(found) == most:
                return ObjectPage(found, found[-1].key)
            found.append(StoredObject(key, file.st_size, written=file.st_mtime))
        return ObjectPage(found, None)

    def _forget_left(self) -> None:
        with suppress(OSError):
            for path in self._new.iterdir():
                if clock.now().timestamp() - path.stat().st_mtime > LEFT_SECONDS:
                    path.unlink()


@contextmanager
def _told() -> Iterator[None]:
    """Say of what the system refuses that the storage is away, without a path."""
    try:
        yield
    except OSError as error:
        raise StorageAway(os.strerror(error.errno or 0)) from error


def _written(file: IO[bytes], piece: bytes, hasher: "hashlib._Hash") -> None:
    hasher.update(piece)
    file.write(piece)


async def _pieces(file: IO[bytes], first: int, end: int) -> AsyncIterator[bytes]:
    while first < end:
        with _told():
            piece = await asyncio.to_thread(os.pread, file.fileno(), min(PIECE, end - first), first)
        if not piece:
            raise StorageAway("a file has become shorter")
        first += len(piece)
        yield piece


def _keys(folder: Path, above: str, prefix: str, after: str) -> Iterator[tuple[str, os.stat_result]]:
    """Yield keys and their files, in the order of whole keys: "a-b/c.png" comes before "a/b.png"."""
    try:
        with os.scandir(folder) as entries:
            found = sorted((f"{e.name}/" if e.is_dir() else e.name, e) for e in entries)
    except FileNotFoundError:
        return
    for name, entry in found:
        key = above + name
        if not name.endswith("/"):
            if key.startswith(prefix) and key > after:
                with suppress(FileNotFoundError):
                    yield key, entry.stat()
        elif (key.startswith(prefix) or prefix.startswith(key)) and (key > after or after.startswith(key)):
            yield from _keys(Path(entry.path), key, prefix, after)


def _made(folder: Path) -> None:
    """Make a folder, so that it is still there after a power cut."""
    if not folder.is_dir():
        _made(folder.parent)
        folder.mkdir(exist_ok=True)
        _synced(folder.parent)


def _synced(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
