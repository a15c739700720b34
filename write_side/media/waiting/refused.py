"""What a file was told that is no picture: kept for a day in place of the file, which goes at once."""

import asyncio
from collections.abc import AsyncIterator
from typing import Literal, NoReturn
from uuid import UUID

import msgspec
import structlog

from kit.errors import Problem
from kit.running.ending import end
from kit.storage.objects import ObjectMissing, Storage, StorageAway
from write_side.media.keys import announced_key, refused_key, waiting_key
from write_side.media.problem_types import NOTHING_SENT, OTHER_FILE, PICTURE_REFUSED
from write_side.media.waiting.parts import give_up

log = structlog.get_logger()

_TYPES = {one.name: one for one in (OTHER_FILE, PICTURE_REFUSED)}


class _Told(msgspec.Struct, frozen=True):
    type: Literal["other-file", "picture-refused"]
    detail: str


class RefusedFiles:
    """Files that were refused for what they are: the same bytes would be refused again.

    Args:
        storage: where they wait.
    """

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._removing = set[asyncio.Task[None]]()

    async def end(self) -> None:
        """Begin nothing more; what is not removed by then is swept."""
        await end(*self._removing)

    def remove(self, account: UUID, upload: UUID, sha256: str, refusal: Problem) -> None:
        """Keep a refusal in place of its file. Who is refused does not wait for that."""
        removing = self._removed(account, upload, sha256, _Told(refusal.type, refusal.detail))  # type: ignore[arg-type]  # these alone
        task = asyncio.get_running_loop().create_task(removing, name="remove a file that was refused")
        self._removing.add(task)
        task.add_done_callback(self._removing.discard)

    async def tell(self, account: UUID, upload: UUID, sha256: str) -> NoReturn:
        """Say of a file that is not there why it was refused.

        Raises:
            Problem: 422 as it was told, or 409: none was.
            StorageAway: it cannot be told now.
        """
        try:
            async with self._storage.open(refused_key(upload, account, sha256)) as opened:
                data = b"".join([one async for one in opened.pieces])
            told = msgspec.json.decode(data, type=_Told)
        except (ObjectMissing, msgspec.DecodeError):
            raise Problem(NOTHING_SENT) from None
        raise Problem(_TYPES[told.type], detail=told.detail)

    async def _removed(self, account: UUID, upload: UUID, sha256: str, told: _Told) -> None:
        try:
            said = _once(msgspec.json.encode(told))
            place = refused_key(upload, account, sha256)
            await self._storage.put(place, said, media_type="application/json")
            await give_up(self._storage, announced_key(upload, account))
            await self._storage.delete(waiting_key(upload, account, sha256))
        except StorageAway as away:
            log.warning("media.refused_stays", reason=str(away))


async def _once(data: bytes) -> AsyncIterator[bytes]:
    yield data
