"""The files of a picture's variants: what there has to be, and what is done so that it is there."""

import asyncio
import hashlib
import tempfile
from collections.abc import AsyncIterator, Mapping
from typing import BinaryIO, NamedTuple
from uuid import UUID

from kit.pictures.making import make
from kit.pictures.readers import PictureReaders
from kit.pictures.refusing import PictureRefused
from kit.pictures.variants import Variant, folder_of, variants
from kit.storage.objects import ObjectMissing, Storage
from write_side.media.aggregate import MediaState, kept_picture


class NotMade(Exception):  # noqa: N818 - a verdict
    """Of this picture no variants can be made now; the message says why."""


class Done(NamedTuple):
    """What was done for a picture."""

    made: int = 0
    removed: int = 0


def wanted(media: UUID, state: MediaState) -> Mapping[str, Variant]:
    """Return the variants that there have to be, by their keys in storage; of a suppressed picture none."""
    if state.suppressed:
        return {}
    folder = folder_of(media)
    picture = kept_picture(state)
    return {folder + one.name(picture.sha256): one for one in variants(*picture.size, picture.focus)}


async def put_right(storage: Storage, readers: PictureReaders, media: UUID, state: MediaState) -> Done:
    """Make the variants that lack, and remove what is not one of them; doing it again does nothing.

    Raises:
        NotMade: of this picture there can be none now.
        StorageAway: storage cannot be asked; what is done already counts.
        OSError: this machine has no room, or can start no process.
    """
    needed = wanted(media, state)
    there = await _there(storage, folder_of(media))
    for key in there - needed.keys():
        await storage.delete(key)
    lacking = {key: one for key, one in needed.items() if key not in there}
    made = await _made(storage, readers, state, lacking) if lacking else 0
    return Done(made, len(there - needed.keys()))


async def _there(storage: Storage, folder: str) -> set[str]:
    found: set[str] = set()
    after: str | None = ""
    while after is not None:
        page = await storage.list(folder, after)
        found.update(one.key for one in page.objects)
        after = page.after
    return found


async def _made(
    storage: Storage, readers: PictureReaders, state: MediaState, lacking: Mapping[str, Variant]
) -> int:
    """Make variants and keep them one by one: a process that ends on the way goes on with those that lack.

    Raises:
        NotMade, StorageAway, OSError: as `put_right`.
    """
    picture = kept_picture(state)
    with tempfile.TemporaryFile() as source, tempfile.TemporaryFile() as target:
        try:
            await _copied(storage, picture.key, source)
            files = await make(readers, source, target, list(lacking.values()), picture.size, picture.focus)
        except ObjectMissing:
            raise NotMade("the file that is kept is missing") from None
        except PictureRefused as refused:
            raise NotMade(refused.reason) from None
    for (key, one), file in zip(lacking.items(), files, strict=True):
        digest = hashlib.sha256(file).hexdigest()
        await storage.put(key, _whole(file), media_type=one.type, sha256=digest)
    return len(files)


async def _copied(storage: Storage, key: str, file: BinaryIO) -> None:
    async with storage.open(key) as opened:
        async for piece in opened.pieces:
            await asyncio.to_thread(file.write, piece)
    await asyncio.to_thread(file.flush)
    file.seek(0)


async def _whole(file: bytes) -> AsyncIterator[bytes]:
    yield file
