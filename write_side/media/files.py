"""The files of media in this process: forms for them, what they turn out to be, and where they are kept."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import BinaryIO, NamedTuple
from uuid import UUID
from weakref import WeakValueDictionary

import structlog
from starlette.requests import Request

from events.media import MediaRegistered
from kit.errors import Problem
from kit.ids import new_id
from kit.pictures.cleaning import Cleaner, CleanPicture
from kit.pictures.refusing import PictureRefused
from kit.pictures.turns import TooManyOfOne
from kit.running.child import Busy
from kit.storage.objects import ObjectMissing, Storage, StorageAway, UploadForm
from write_side.media.keys import kept_key, waiting_key
from write_side.media.pieces import FileThatCame, TooLong, measured, pieces_of, taken_from
from write_side.media.problem_types import (
    MEDIA_UNAVAILABLE,
    OTHER_FILE,
    PICTURE_REFUSED,
    TOO_MANY_PICTURES,
)
from write_side.media.waiting.parts import PartUploads, UploadStanding
from write_side.media.waiting.refused import RefusedFiles
from write_side.media.waiting.unconfirmed import MOST_BYTES, Unconfirmed

log = structlog.get_logger()


SAME_SECONDS = 5.0
"""Seconds that one waits who confirms what is being confirmed: he may have to wait for his own turn then."""


class CleanFile(NamedTuple):
    """A picture that was written again, and its file."""

    type: str
    size: int
    sha256: str
    """Of what was written."""
    width: int
    height: int
    colour: str | None


class MediaFiles:
    """Forms, and what becomes of what is sent by them.

    Args:
        storage: keeps them.
        cleaner: reads them.
    """

    def __init__(self, storage: Storage, cleaner: Cleaner) -> None:
        self.storage = storage
        self.parts = PartUploads(storage)
        self._refused = RefusedFiles(storage)
        self._unconfirmed = Unconfirmed(storage)
        self._confirmed = WeakValueDictionary[tuple[UUID, UUID], asyncio.Lock]()
        """Of each upload that is being confirmed here, by its account."""
        self._cleaner = cleaner

    async def end(self) -> None:
        """Do nothing more for which nobody waits."""
        await self._refused.end()

    async def form(self, account: UUID, media_type: str, size: int, sha256: str) -> tuple[UUID, UploadForm]:
        """Return the id of an upload, and the form by which its file can be sent.

        Raises:
            Problem: 429, too much of this account waits to be confirmed; 503, none can be taken now.
        """
        upload = new_id()
        key = waiting_key(upload, account, sha256)
        with said_away():
            await self._allowed(account, upload, size)
            return upload, await self.storage.form(key, media_type=media_type, size=size)

    async def begin_parts(self, account: UUID, media_type: str, size: int, sha256: str) -> UploadStanding:
        """Begin the upload of a file in parts.

        Raises:
            Problem: as `form`.
        """
        upload = new_id()
        with said_away():
            await self._allowed(account, upload, size)
            return await self.parts.begin(account, upload, media_type, size, sha256)

    async def _allowed(self, account: UUID, upload: UUID, size: int) -> None:
        await self.storage.ready()
        await self._unconfirmed.announce(account, upload, size)

    async def accept(self, account: UUID, upload: UUID, sha256: str) -> MediaRegistered:
        """Look at a file that was sent and keep the picture that it is; nothing else knows of it yet.

        What is done twice, or done and never told, is the same file at the same place.

        Raises:
            Problem: 409 where none was sent, or not all of it, 422 where it is another file or no picture,
                429 where the account has too many read at once, 503 where it cannot be told now.
        """
        with said_away(), tempfile.TemporaryFile() as clean:
            kept = await self.cleaned(account, upload, sha256, clean)
            key = kept_key(kept.sha256, kept.type)
            await self.storage.put(key, pieces_of(clean), media_type=kept.type, sha256=kept.sha256)
        return MediaRegistered(
            sha256=sha256,
            size=kept.size,
            type=kept.type,  # type: ignore[arg-type]  # the reader writes these types alone
            width=kept.width,
            height=kept.height,
            key=key,
            colour=kept.colour,
        )

    @asynccontextmanager
    async def alone(self, account: UUID, upload: UUID) -> AsyncIterator[None]:
        """Confirm an upload meanwhile, alone in this process: who comes second finds what the first one did.

        Raises:
            Problem: 503, it takes longer than one may wait.
        """
        lock = self._confirmed.setdefault((account, upload), asyncio.Lock())
        with _said_busy():
            try:
                async with asyncio.timeout(SAME_SECONDS):
                    await lock.acquire()
            except TimeoutError:
                raise Busy from None
        try:
            yield
        finally:
            lock.release()

    async def lost(self, key: str, size: int) -> bool:
        """Tell whether the file of a picture is gone or has another length; raises StorageAway."""
        known = await self.storage.head(key)
        return known is None or known.size != size

    async def bring_back(self, account: UUID, upload: UUID, sha256: str, key: str) -> None:
        """Keep a file that was sent in place of one that was lost, if it becomes the very same bytes.

        Another release of a library may write it in another way; then the picture stays as it is.

        Raises:
            Problem: as `accept`.
        """
        with said_away(), tempfile.TemporaryFile() as clean:
            kept = await self.cleaned(account, upload, sha256, clean)
            if key != kept_key(kept.sha256, kept.type):
                log.warning("media.not_brought_back", key=key)
                return
            await self.storage.put(key, pieces_of(clean), media_type=kept.type, sha256=kept.sha256)
        log.info("media.brought_back", key=key)

    async def cleaned(
        self, account: UUID, upload: UUID, sha256: str, clean: BinaryIO, *, square: int = 0
    ) -> CleanFile:
        """Look at a file that was sent, and write the picture that it is into an empty file.

        Args:
            account: who sent it.
            upload: its id.
            sha256: of it, as it was announced.
            clean: a file of ours, with a descriptor.
            square: pixels of a side that the picture has at the most, as a square; 0: it stays as it is.

        Raises:
            Problem: as `accept`.
        """
        with said_away(), _said_busy(), self._cleaner.turns.place(account), tempfile.TemporaryFile() as sent:
            came = await self._came(account, upload, sha256, sent)
            if came.sha256 != sha256:
                raise Problem(OTHER_FILE, detail="Its SHA-256 is another one.")
            try:
                picture = await self._looked_at(account, came.type, sent, clean, square)
            except Problem as refusal:
                self._refused.remove(account, upload, sha256, refusal)
                raise
            size, found = await asyncio.to_thread(measured, clean)
        return CleanFile(picture.type, size, found, picture.width, picture.height, picture.colour)

    async def forget(self, account: UUID, upload: UUID, sha256: str) -> None:
        """Remove a file that waited; where that cannot be done now, it is swept."""
        self._unconfirmed.forget(account, upload)
        with suppress(StorageAway):
            await self.parts.forget(account, upload)
            await self.storage.delete(waiting_key(upload, account, sha256))

    async def _came(self, account: UUID, upload: UUID, sha256: str, sent: BinaryIO) -> FileThatCame:
        """Take a file that was sent, in parts or not; raises Problem 409, or 422 as it was told before."""
        key = waiting_key(upload, account, sha256)
        try:
            try:
                return await taken_from(self.storage, key, sent, MOST_BYTES)
            except ObjectMissing:
                await self.parts.join(account, upload, sha256)
                return await taken_from(self.storage, key, sent, MOST_BYTES)
        except ObjectMissing:
            return await self._refused.tell(account, upload, sha256)
        except TooLong:
            raise Problem(OTHER_FILE, detail="It is too large.") from None

    async def _looked_at(
        self, account: UUID, said: str, sent: BinaryIO, clean: BinaryIO, square: int
    ) -> CleanPicture:
        """Write a file again; raises Problem 422 where the same bytes would be refused again."""
        try:
            picture = await self._cleaner.clean(account, sent, clean, square=square)
        except PictureRefused as refused:
            raise Problem(PICTURE_REFUSED, detail=str(refused)) from None
        if said != picture.came_as:
            raise Problem(OTHER_FILE, detail=f"It is {picture.came_as}.")
        return picture


def files_of(request: Request) -> MediaFiles:
    """Return the files of media in this process."""
    files: MediaFiles = request.app.state.media
    return files


@contextmanager
def said_away() -> Iterator[None]:
    """Answer 503 where the storage, or the room for what is being looked at, is away."""
    try:
        yield
    except (StorageAway, OSError) as away:
        raise Problem(MEDIA_UNAVAILABLE, headers={"Retry-After": "5"}) from away


@contextmanager
def _said_busy() -> Iterator[None]:
    """Answer 429 where an account has enough pictures read at once, and 503 where too many others have."""
    try:
        yield
    except Busy as busy:
        type_ = TOO_MANY_PICTURES if isinstance(busy, TooManyOfOne) else MEDIA_UNAVAILABLE
        raise Problem(type_, headers={"Retry-After": "5"}) from None
