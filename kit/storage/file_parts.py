"""Uploads in parts on the file system: each part a file, whole or not at all, until they are joined."""

import hashlib
import os
import shutil
from collections.abc import AsyncIterable, AsyncIterator, Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import IO, NamedTuple
from urllib.parse import urlencode

from kit import clock
from kit.ids import new_id
from kit.storage.folders import locked, made
from kit.storage.objects import FORM_SECONDS, PIECE, ObjectMissing, StorageAway, checked, is_key
from kit.storage.parts import FilePart, PartsMissing, UnfinishedUpload, missing
from kit.storage.threads import FileThreads
from kit.storage.tickets import PartTicket, signed
from kit.storage.writing import beside, written

LIST_SECONDS = 20.0
"""Seconds in which the list of all that is unfinished has to be there."""

_TYPE = "type"
"""The file beside the parts that says what they are together; whatever is an upload has one."""


type Move = Callable[[IO[bytes], str, str, str], None]
"""Moves a file that was written to the place of an object: key, media type, SHA-256 in hex."""


class _Pieces(NamedTuple):
    """Parts of an object while they are read."""

    type: str
    files: Sequence[IO[bytes]]


class FileParts:
    """Parts are `parts/<key>/<upload>/<number>`.

    An upload is one folder, which is moved to its place and away from it: it is there whole or not at all,
    and a part that comes too late finds no place.

    Args:
        folder: of the storage.
        threads: of the storage.
        secret: signs tickets.
        url: where parts are sent to, an address of ours; the number of each is added.
        move: puts a file at its place in the storage; called in a thread.
    """

    def __init__(self, folder: Path, threads: FileThreads, secret: bytes, url: str, move: Move) -> None:
        self._parts, self._new = folder / "parts", folder / "new"
        self._threads, self._secret, self._url, self._move = threads, secret, url, move

    async def begin(self, key: str, *, media_type: str) -> str:
        upload = new_id().hex
        await self._threads.done(partial(self._begin, checked(key), upload, media_type))
        return upload

    async def address(self, key: str, upload: str, part: FilePart) -> str:
        expires = int(clock.now().timestamp()) + FORM_SECONDS
        ticket = PartTicket(checked(key), upload, part.number, part.size, expires)
        policy, signature = signed(ticket, self._secret)
        return f"{self._url}/{part.number}?{urlencode({'policy': policy, 'signature': signature})}"

    async def take(self, ticket: PartTicket, pieces: AsyncIterable[bytes]) -> None:
        """Keep a part that a ticket allows, in place of the same one that came before.

        Raises:
            ObjectMissing: there is no such upload any more.
            StorageAway: it cannot be kept now.
        """
        place = self._place(ticket.key, ticket.upload) / str(ticket.number)
        async with beside(self._threads, self._new) as file:
            await written(self._threads, file, pieces)
            await self._threads.done(partial(_moved, file, place))

    async def arrived(self, key: str, upload: str) -> Mapping[int, int]:
        return await self._threads.done(partial(_arrived, self._place(key, upload)))

    async def join(self, key: str, upload: str, parts: Sequence[FilePart]) -> None:
        lacking = missing(parts, await self.arrived(key, upload))
        if lacking:
            raise PartsMissing([one.number for one in lacking])
        opening = partial(_opened, self._place(key, upload), parts)
        opened: _Pieces = await self._threads.done(opening, dropped=_closed)
        hasher = hashlib.sha256()
        try:
            async with beside(self._threads, self._new) as file:
                await written(self._threads, file, self._pieces(opened.files, parts), hasher)
                found = hasher.hexdigest()
                await self._threads.done(partial(self._finish, file, key, upload, opened.type, found))
        finally:
            _closed(opened)

    async def drop(self, key: str, upload: str) -> None:
        await self._threads.done(partial(self._drop, self._place(key, upload)))

    async def unfinished(self, prefix: str = "") -> AsyncIterator[UnfinishedUpload]:
        for one in await self._threads.done(self._unfinished, seconds=LIST_SECONDS):
            if one.key.startswith(prefix):
                yield one

    def _place(self, key: str, upload: str) -> Path:
        return self._parts / checked(key) / upload

    async def _pieces(self, files: Sequence[IO[bytes]], parts: Sequence[FilePart]) -> AsyncIterator[bytes]:
        for file, part in zip(files, parts, strict=True):
            come = 0
            while piece := await self._threads.done(partial(file.read, PIECE)):
                come += len(piece)
                yield piece
            if come != part.size:
                raise StorageAway("a part has another length than before")

    # What is done in threads

    def _begin(self, key: str, upload: str, media_type: str) -> None:
        place, new = self._place(key, upload), self._new / upload
        made(self._new)
        made(place.parent)
        new.mkdir()
        (new / _TYPE).write_text(media_type, encoding="utf-8")
        new.rename(place)

    def _finish(self, file: IO[bytes], key: str, upload: str, media_type: str, sha256: str) -> None:
        """Move a file that was joined to its place, and its parts away, unless another one has just done so.

        A second one in its place would take from those who read the first what is known of it.
        """
        place = self._place(key, upload)
        with locked(self._parts):
            if not place.is_dir():
                raise ObjectMissing
            self._move(file, key, media_type, sha256)
            self._drop(place)

    def _drop(self, place: Path) -> None:
        away = self._new / f"{place.name}.dropped-{new_id().hex}"
        made(self._new)
        with suppress(FileNotFoundError):
            place.rename(away)
            shutil.rmtree(away)
        with suppress(OSError):  # another upload of the same key is there
            place.parent.rmdir()

    def _unfinished(self) -> Sequence[UnfinishedUpload]:
        found = list[UnfinishedUpload]()
        for said in sorted(self._parts.glob(f"**/{_TYPE}")):
            key = said.parent.parent.relative_to(self._parts).as_posix()
            with suppress(FileNotFoundError):
                if is_key(key):
                    found.append(UnfinishedUpload(key, said.parent.name, said.stat().st_mtime))
        return found


def _moved(file: IO[bytes], place: Path) -> None:
    file.flush()
    try:
        os.replace(file.name, place)  # noqa: PTH105 - its folder is not made: it may have been taken away
    except (FileNotFoundError, NotADirectoryError):
        raise ObjectMissing from None


def _arrived(place: Path) -> Mapping[int, int]:
    try:
        with os.scandir(place) as entries:
            return {int(one.name): one.stat().st_size for one in entries if one.name.isdecimal()}
    except (FileNotFoundError, NotADirectoryError):
        raise ObjectMissing from None


def _opened(place: Path, parts: Sequence[FilePart]) -> _Pieces:
    files = list[IO[bytes]]()
    try:
        type_ = (place / _TYPE).read_text(encoding="utf-8")
        for one in parts:
            files.append((place / str(one.number)).open("rb"))
    except BaseException as error:
        for file in files:
            file.close()
        if isinstance(error, FileNotFoundError):
            raise ObjectMissing from None
        raise
    return _Pieces(type_, files)


def _closed(opened: _Pieces) -> None:
    for file in opened.files:
        file.close()
