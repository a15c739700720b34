"""Removes what people had sent and not confirmed when they were erased: it may tell where they were."""

from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

from kit.storage.copying import objects_of
from kit.storage.objects import Storage
from write_side.accounts.work import AccountWork
from write_side.media.keys import ANNOUNCED, WAITING, account_of
from write_side.media.waiting.parts import give_up
from write_side.media.waiting.unconfirmed import WAITS

ERASED_SINCE = WAITS + timedelta(hours=1)
"""What somebody sent who was erased earlier is gone as what anybody sent; an address of his may still be good
for some minutes after he is erased, so that this is looked for again and again."""

_ERASED = "select id from auth.account where erased_at > now() - $1::interval"


async def sweep_unconfirmed(work: AccountWork, storage: Storage) -> int:
    """Remove all that waits of accounts that were erased lately; return how much that was.

    Raises:
        Problem: 503, the database is away.
        StorageAway: the storage is.
    """
    async with work.transaction() as connection:
        erased = {row["id"] for row in await connection.fetch(_ERASED, ERASED_SINCE)}
    return await _removed(storage, erased) if erased else 0


async def _removed(storage: Storage, erased: Collection[UUID]) -> int:
    removed = 0
    for one in await objects_of(storage, WAITING):  # at once: it is asked for each minute
        if account_of(one.key) in erased:
            if one.key.endswith(ANNOUNCED):
                await give_up(storage, one.key)
            await storage.delete(one.key)
            removed += 1
    async for left in storage.parts.unfinished(WAITING):
        if account_of(left.key) in erased:
            await storage.parts.drop(left.key, left.upload)
            removed += 1
    return removed
