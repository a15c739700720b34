"""Objects as files of a folder: written beside their place and moved there, so that none is half there."""

import hashlib
import os
import shutil
from collections.abc import AsyncIterable, AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from typing import IO, Self

import msgspec

from kit import clock
from kit.storage.file_parts import FileParts
from kit.storage.folders import keys_of, locked, made, remove_empty, synced
from kit.storage.objects import (
    FORM_SECONDS,
    MOST_LISTED,
    PIECE,
    SLOWEST,
    ObjectMissing,
    ObjectPage,
    OpenObject,
    OtherBytes,
    OutOfRange,
    StorageAway,
    StoredObject,
    UploadForm,
    checked,
    is_key,
)
from kit.storage.threads import FileThreads
from kit.storage.tickets import UploadTicket, signed
from kit.storage.writing import beside, written

SYNC_SECONDS = 10.0
"""Seconds until a small file has to be safe."""

LIST_SECONDS = 20.0
"""Seconds in which a page of a list has to be there: many files are looked at for it."""

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

    Uploads in parts are in `parts`.

    Args:
        folder: is made when it is needed.
        secret: signs tickets; every process that serves the same folder has the same.
        url: where forms are sent to, an address of ours.
        part_url: where parts are sent to, each below it by its number.
        address: where anybody may read the files; empty: nowhere but here.
    """

    def __init__(
        self, folder: Path, secret: bytes = b"", url: str = "", address: str = "", part_url: str = ""
    ) -> None:
        self.secret, self.address = secret, address
        self._url = url
        self.folder = folder
        self._objects, self._facts, self._new = (folder / name for name in ("objects", "facts", "new"))
        self._threads = FileThreads()
        self.parts = FileParts(folder, self._threads, secret, part_url, self._joined)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        """Nothing is kept open."""

    async def ready(self) -> None:
        await self._threads.done(partial(made, self._objects))

    async def tidy(self, folder: str = "") -> None:
        await self._threads.done(partial(self._forget_left, folder), seconds=LIST_SECONDS)

    async def put(
        self, key: str, pieces: AsyncIterable[bytes], *, media_type: str, sha256: str = ""
    ) -> StoredObject:
        return await self._put(key, pieces, media_type, sha256, safe=True)

    async def keep_for_now(self, key: str, pieces: AsyncIterable[bytes], media_type: str) -> StoredObject:
        """Write an object that a power cut may take again; raises as `put` does."""
        return await self._put(key, pieces, media_type, "", safe=False)

    async def _put(
        self, key: str, pieces: AsyncIterable[bytes], media_type: str, sha256: str, *, safe: bool
    ) -> StoredObject:
        place, hasher = self._objects / checked(key), hashlib.sha256()
        async with beside(self._threads, self._new) as file:
            size = await written(self._threads, file, pieces, hasher)
            found = hasher.hexdigest()
            if sha256 not in {"", found}:
                raise OtherBytes
            moved = partial(self._moved, file, place, self._facts / key, media_type, found, safe=safe)
            await self._threads.done(moved, seconds=SYNC_SECONDS + size / SLOWEST)
        return StoredObject(key, size, media_type, found)

    @asynccontextmanager
    async def open(self, key: str, first: int = 0, last: int | None = None) -> AsyncIterator[OpenObject]:
        opening = partial(self._opened, checked(key))
        file, known = await self._threads.done(opening, dropped=lambda found: found[0].close())
        try:
            if first and first >= known.size:
                raise OutOfRange
            end = known.size if last is None else min(last + 1, known.size)
            yield OpenObject(known, self._pieces(file, first, end))
        finally:
            file.close()

    async def head(self, key: str) -> StoredObject | None:
        return await self._threads.done(partial(self._head, checked(key)))

    async def delete(self, key: str) -> None:
        await self._threads.done(partial(self._deleted, checked(key)))

    async def list(self, prefix: str = "", after: str = "", most: int = MOST_LISTED) -> ObjectPage:
        return await self._threads.done(partial(self._listed, prefix, after, most), seconds=LIST_SECONDS)

    async def form(self, key: str, *, media_type: str, size: int) -> UploadForm:
        expires = int(clock.now().timestamp()) + FORM_SECONDS
        policy, signature = signed(UploadTicket(checked(key), media_type, size, expires), self.secret)
        fields = {"key": key, "Content-Type": media_type, "policy": policy, "signature": signature}
        return UploadForm(self._url, fields)

    # What is done in threads

    def _moved(
        self, file: IO[bytes], place: Path, facts: Path, type_: str, sha256: str, *, safe: bool
    ) -> None:
        file.flush()
        if safe:
            os.fsync(file.fileno())
        known = os.fstat(file.fileno())
        made(place.parent)
        made(facts.parent)
        said = _Facts(type_, sha256, known.st_size, known.st_mtime_ns)
        beside = Path(f"{file.name}.facts")
        beside.write_bytes(msgspec.json.encode(said))
        with locked(self._facts):  # facts and file are of the same one who writes, or nothing is known of it
            beside.replace(facts)  # first: until the file is there, it is true of nothing
            Path(file.name).replace(place)
        if safe:
            synced(place.parent)

    def _joined(self, file: IO[bytes], key: str, media_type: str, sha256: str) -> None:
        self._moved(file, self._objects / key, self._facts / key, media_type, sha256, safe=False)

    def _opened(self, key: str) -> tuple[IO[bytes], StoredObject]:
        try:
            file = (self._objects / key).open("rb", buffering=0)
        except FileNotFoundError:
            raise ObjectMissing from None
        return file, self._known(key, os.fstat(file.fileno()))

    async def _pieces(self, file: IO[bytes], first: int, end: int) -> AsyncIterator[bytes]:
        while first < end:
            read = partial(os.pread, file.fileno(), min(PIECE, end - first), first)
            if not (piece := await self._threads.done(read)):
                raise StorageAway("a file has become shorter")
            first += len(piece)
            yield piece

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
            synced(folder)

    def _listed(self, prefix: str, after: str, most: int) -> ObjectPage:
        found: list[StoredObject] = []
        for key, file in keys_of(self._objects, "", prefix, after):
            if not is_key(key):
                continue
            if len(found) == most:
                return ObjectPage(found, found[-1].key)
            found.append(StoredObject(key, file.st_size, written=file.st_mtime))
        return ObjectPage(found, None)

    def _forget_left(self, folder: str) -> None:
        old = clock.now().timestamp() - LEFT_SECONDS
        paths = list(self._new.iterdir()) if self._new.is_dir() else []
        for path in paths:
            with suppress(OSError):  # another process was quicker, or it cannot be removed: the others can
                if path.stat().st_mtime < old:
                    shutil.rmtree(path) if path.is_dir() else path.unlink()
        emptied = [self.folder / "parts"]
        emptied += [place / folder for place in (self._objects, self._facts) if folder]
        for place in emptied:
            remove_empty(place, old)
