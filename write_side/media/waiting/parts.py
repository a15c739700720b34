"""Large files that come in parts: what is still missing of one, and what becomes of it when all is there."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import msgspec

from kit.errors import Problem
from kit.problem_types import NOT_FOUND
from kit.retry import moments
from kit.storage.objects import ObjectMissing, Storage
from kit.storage.parts import FilePart, PartsMissing, UnfinishedUpload, missing, parts_of
from write_side.media.keys import OURS, announced_key, asked_at, upload_of, waiting_beside, waiting_key
from write_side.media.problem_types import PARTS_MISSING


class _Announced(msgspec.Struct, frozen=True):
    """What is kept of a large file beside its parts, as an object: no table could disagree with it."""

    upload: str
    """Name of its upload in the storage."""
    sha256: str
    size: int
    """Bytes."""


class WantedPart(NamedTuple):
    """A part that can be sent, and where to."""

    part: FilePart
    url: str


class UploadStanding(NamedTuple):
    """How far an upload is."""

    upload: UUID
    size: int
    """Bytes of the whole file."""
    arrived: Sequence[int]
    """Numbers of the parts that are there."""
    wanted: Sequence[WantedPart]
    """Those that are not."""


class PartUploads:
    """Uploads of large files.

    Args:
        storage: takes their parts.
    """

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    async def begin(
        self, account: UUID, upload: UUID, media_type: str, size: int, sha256: str
    ) -> UploadStanding:
        """Begin an upload under an id; raises StorageAway."""
        key = waiting_key(upload, account, sha256)
        said = _Announced(await self._storage.parts.begin(key, media_type=media_type), sha256, size)
        pieces = _once(msgspec.json.encode(said))
        await self._storage.put(announced_key(upload, account), pieces, media_type="application/json")
        return await self._standing(upload, key, said, {})

    async def standing(self, account: UUID, upload: UUID) -> UploadStanding:
        """Return how far an upload of an account is.

        Raises:
            Problem: 404, it has none under this id, or not any more.
            StorageAway: it cannot be told now.
        """
        said = await self._said(account, upload)
        if said is None:
            raise Problem(NOT_FOUND)
        key = waiting_key(upload, account, said.sha256)
        try:
            arrived = await self._storage.parts.arrived(key, said.upload)
        except ObjectMissing:
            if await self._storage.head(key) is None:
                raise Problem(NOT_FOUND) from None
            arrived = {one.number: one.size for one in parts_of(said.size)}  # they are joined already
        return await self._standing(upload, key, said, arrived)

    async def join(self, account: UUID, upload: UUID, sha256: str) -> None:
        """Make one file of the parts that were sent, or return when another one has done so.

        Raises:
            ObjectMissing: no parts of this file were announced.
            Problem: 409 where some are missing.
            StorageAway: it cannot be done now.
        """
        said = await self._said(account, upload)
        if said is None or said.sha256 != sha256:
            raise ObjectMissing
        key, parts = waiting_key(upload, account, sha256), parts_of(said.size)
        try:
            await self._storage.parts.join(key, said.upload, parts)
        except ObjectMissing:
            await self._joined_by_another(account, upload, key)
        except PartsMissing as lacking:
            numbers, all_ = lacking.numbers, len(parts)
            errors = [
                {"pointer": "/upload", "detail": f"part {one} of {all_} has not arrived"} for one in numbers
            ]
            raise Problem(PARTS_MISSING, errors=errors) from None

    async def _joined_by_another(self, account: UUID, upload: UUID, key: str) -> None:
        """Return when a file that another one joins is there, or confirmed, or does not come in a moment.

        Its parts may be gone before an S3 shows it.
        """
        async for _ in moments():
            if await self._storage.head(key) or await self._said(account, upload) is None:
                return

    async def forget(self, account: UUID, upload: UUID) -> None:
        """Remove what there is of an upload, if it is one in parts; raises StorageAway."""
        await give_up(self._storage, announced_key(upload, account))

    async def _standing(
        self, upload: UUID, key: str, said: _Announced, arrived: Mapping[int, int]
    ) -> UploadStanding:
        wanted = missing(parts := parts_of(said.size), arrived)
        there = [one.number for one in parts if one not in wanted]
        addresses = [await self._storage.parts.address(key, said.upload, one) for one in wanted]
        return UploadStanding(
            upload, said.size, there, [WantedPart(*one) for one in zip(wanted, addresses, strict=True)]
        )

    async def _said(self, account: UUID, upload: UUID) -> _Announced | None:
        return await _read(self._storage, announced_key(upload, account))


async def give_up(storage: Storage, announced: str) -> None:
    """Remove the parts of a file that was announced under a key, if it was; raises StorageAway."""
    said = await _read(storage, announced)
    if said is not None:
        await storage.parts.drop(waiting_beside(announced, said.sha256), said.upload)
        await storage.delete(announced)  # last: as long as parts may be there, it leads to them


async def left_unfinished(storage: Storage, until: datetime) -> AsyncIterator[UnfinishedUpload]:
    """Yield uploads in parts that were begun before a moment and never ended; those of others are left alone.

    Some are of clients, some of processes of ours that died while they wrote a large file.

    Raises:
        StorageAway: it cannot be told now.
    """
    async for one in storage.parts.unfinished():
        waiting = upload_of(one.key)
        begun = one.begun if waiting is None else asked_at(waiting).timestamp()
        if one.key.startswith(OURS) and begun < until.timestamp():
            yield one


async def _read(storage: Storage, announced: str) -> _Announced | None:
    try:
        async with storage.open(announced) as opened:
            return msgspec.json.decode(b"".join([one async for one in opened.pieces]), type=_Announced)
    except (ObjectMissing, msgspec.DecodeError):
        return None


async def _once(data: bytes) -> AsyncIterator[bytes]:
    yield data
