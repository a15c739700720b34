"""How much an account may have sent, or be about to send, that it has not confirmed."""

from collections import deque
from collections.abc import Mapping
from datetime import datetime, timedelta
from math import ceil
from typing import NamedTuple
from uuid import UUID

from kit import clock
from kit.errors import Problem
from kit.storage.copying import objects_of
from kit.storage.objects import FORM_SECONDS, Storage
from write_side.media.keys import ANNOUNCED, asked_at, upload_of, waiting_below
from write_side.media.problem_types import TOO_MUCH_UNCONFIRMED

MOST = 2 * 1024**3
"""Bytes of the files of one account that wait to be confirmed, or may still be sent."""

LEAST = 1024 * 1024
"""Bytes that a file counts as, at least: many small ones take room, too."""

MOST_BYTES = 32 * 1024 * 1024
"""Bytes of a file that is sent; a large one counts as so many while its parts come."""

WAITS = timedelta(days=1)
"""How long a file waits to be confirmed."""

_TOLD = 50
"""Files that a refusal names, those that are removed first."""


class _Announced(NamedTuple):
    """A file that may still be sent."""

    until: datetime
    account: UUID
    upload: UUID


class Unconfirmed:
    """Bounds what waits of each account: what the storage has, and what was announced here and may come.

    Args:
        storage: where files wait.
    """

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._sizes = dict[UUID, dict[UUID, int]]()
        """Of what was announced, for as long as it may be sent: account → upload → bytes."""
        self._announced = deque[_Announced]()

    async def announce(self, account: UUID, upload: UUID, size: int) -> None:
        """Note that a file may be sent.

        Raises:
            Problem: 429, too much waits already: it says what, and until when.
            StorageAway: it cannot be told now.
        """
        self._forget_old()
        self._announced.append(_Announced(clock.now() + timedelta(seconds=FORM_SECONDS), account, upload))
        self._sizes.setdefault(account, {})[upload] = size  # before it is waited for: others announce, too
        try:
            _judge(await self._waiting(account), upload)
        except BaseException:
            self.forget(account, upload)
            raise

    def forget(self, account: UUID, upload: UUID) -> None:
        """Count a file no more that is confirmed, or will not be sent."""
        sizes = self._sizes.get(account, {})
        sizes.pop(upload, None)
        if not sizes:
            self._sizes.pop(account, None)

    async def _waiting(self, account: UUID) -> dict[UUID, int]:
        """Return the bytes of each upload of an account that is there, or may come."""
        found = dict[UUID, int]()
        for one in await objects_of(self._storage, waiting_below(account)):
            if (upload := upload_of(one.key)) is not None:
                size = MOST_BYTES if one.key.endswith(ANNOUNCED) else one.size
                found[upload] = max(size, found.get(upload, 0))
        return found | self._sizes.get(account, {})

    def _forget_old(self) -> None:
        now = clock.now()
        while self._announced and self._announced[0].until < now:
            old = self._announced.popleft()
            self.forget(old.account, old.upload)


def _judge(waiting: Mapping[UUID, int], added: UUID) -> None:
    """Raise Problem 429 where too much waits, one that was added included."""
    if sum(max(one, LEAST) for one in waiting.values()) > MOST:
        raise _too_much({upload: size for upload, size in waiting.items() if upload != added})


def _too_much(waiting: Mapping[UUID, int]) -> Problem:
    ends = {upload: asked_at(upload) + WAITS for upload in waiting}
    first = sorted(ends, key=lambda one: ends[one])
    told = [
        {"id": str(one), "size": waiting[one], "kept_until": ends[one].isoformat()} for one in first[:_TOLD]
    ]
    size = sum(waiting.values())
    detail = (
        f"{size:,} bytes in {len(waiting):,} files were sent or announced and not confirmed, or refused; "
        "each counts as 1 MiB at least, and is removed a day after it was announced. Confirm them, or wait."
    )
    seconds = (min(ends.values(), default=clock.now()) - clock.now()).total_seconds()
    again = {"Retry-After": str(max(1, ceil(seconds)))}
    facts = {"unconfirmed": {"size": size, "files": len(waiting), "first": told}}
    return Problem(TOO_MUCH_UNCONFIRMED, detail=detail, headers=again, facts=facts)
