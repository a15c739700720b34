"""Sets the picture that somebody has of himself, and takes it away."""

import tempfile
from uuid import UUID

from kit.errors import Problem
from kit.ids import new_id
from kit.pictures.formats import ENDINGS
from kit.problem_types import NOT_FOUND
from write_side.accounts.audit import note, require_admin
from write_side.accounts.work import AccountWork
from write_side.media.files import MediaFiles, said_away
from write_side.media.keys import AVATARS
from write_side.media.pieces import pieces_of

SIDE = 512
"""Pixels of a side; a smaller picture stays smaller."""

_BEGUN = "insert into auth.avatar (key, type) values ($1, $2)"

_THERE = "select true from auth.account where id = $1 and erased_at is null for share"
"""One who is being erased is waited for."""

_REMOVED = """
update auth.avatar set account = null, removed_at = clock_timestamp() where account = $1 returning key"""

_SET = "update auth.avatar set account = $1 where key = $2 and removed_at is null returning key"

_GIVEN_UP = "update auth.avatar set removed_at = clock_timestamp() where key = $1"


async def set_avatar(work: AccountWork, files: MediaFiles, account: UUID, upload: UUID, sha256: str) -> None:
    """Give an account the picture that was sent, in place of the one that it has.

    Raises:
        Problem: 409 where none was sent, 422 where it is another file or no picture, 404 without the account,
            503 where something is away. The picture that was there stays then.
    """
    with said_away(), tempfile.TemporaryFile() as clean:
        kept = await files.cleaned(account, upload, sha256, clean, square=SIDE)
        key = f"{AVATARS}{new_id()}.{ENDINGS[kept.type]}"
        async with work.transaction() as connection:
            await connection.execute(_BEGUN, key, kept.type)
        await files.storage.put(key, pieces_of(clean), media_type=kept.type, sha256=kept.sha256)
    async with work.transaction() as connection:
        there = await connection.fetchval(_THERE, account)
        if there:
            await connection.execute(_REMOVED, account)
            there = await connection.fetchval(_SET, account, key)
        else:
            await connection.execute(_GIVEN_UP, key)
    work.avatars_left.set()
    await files.forget(account, upload, sha256)
    if not there:
        raise Problem(NOT_FOUND, "There is no such account.")


async def remove_avatar(work: AccountWork, account: UUID, *, actor: UUID) -> None:
    """Take the picture of an account away: its owner's, or as an administrator somebody else's.

    Raises:
        Problem: 403 when the actor may not, 404 where there is none, 503.
    """
    async with work.transaction() as connection:
        if actor != account:
            await require_admin(connection, actor)
        if await connection.fetchval(_REMOVED, account) is None:
            raise Problem(NOT_FOUND, "There is no picture.")
        if actor != account:
            await note(connection, "avatar.removed", account, actor=actor)
    work.avatars_left.set()
