"""Who was erased, written down outside the database: a copy of it that is restored forgets them again."""

import asyncio
import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from uuid import UUID

import structlog

from kit.errors import Problem
from kit.ids import parse_id
from kit.postgres.connect import AWAY, Connection
from kit.problem_types import NOT_FOUND
from write_side.accounts.erasure.erasing import Erasure, Transaction, erase
from write_side.accounts.erasure.reserved import Derive

LOOK_SECONDS = 30.0
"""Seconds between two comparisons of the list with the database, unless somebody was erased here."""

_ERASED = "select id from auth.account where erased_at is not null order by erased_at"
_LEFT = "select id from auth.account where id = any($1) and erased_at is null"

log = structlog.get_logger("accounts")


async def erased(connection: Connection) -> list[UUID]:
    """Return the ids of all accounts that were erased, in the order in which they were."""
    return [row["id"] for row in await connection.fetch(_ERASED)]


def read(path: Path) -> set[UUID]:
    """Return the ids of a list: one a line; what else there is does not count.

    Raises:
        OSError: it cannot be read.
    """
    found = (parse_id(line.strip()) for line in path.read_text("ascii", "replace").splitlines())
    return {one for one in found if one is not None}


def add(path: Path, ids: Iterable[UUID]) -> None:
    """Add ids to a list, each in a line of its own, and return when the disk has them.

    Several processes may do so at the same time: an id that is there twice does no harm.

    Raises:
        OSError: it cannot be written.
    """
    with path.open("ab") as file:
        file.write("".join(f"{one}\n" for one in ids).encode())
        file.flush()
        os.fsync(file.fileno())


async def erase_again(transaction: Transaction, derive: Derive, ids: Iterable[UUID]) -> list[UUID]:
    """Erase those of a list who are there, as they are after a restore; return who that was.

    Raises:
        Problem: 503, the database is away.
    """
    async with transaction() as connection:
        left = [row["id"] for row in await connection.fetch(_LEFT, list(ids))]
    for account in left:
        wanted = Erasure(account, None, "restored", force=True)
        try:
            await erase(transaction, derive, wanted)
        except Problem as problem:
            if problem.type != NOT_FOUND.name:  # another process was faster
                raise
        log.warning("account.erased_again", account=str(account))
    return left


async def compare(transaction: Transaction, derive: Derive, path: Path) -> None:
    """Erase who is in the list and not in the database, and add to the list whom it lacks.

    Raises:
        Problem: 503, the database is away.
        OSError: the list cannot be read or written.
    """
    try:
        listed = await asyncio.to_thread(read, path)
    except FileNotFoundError:
        listed = set()
    if listed:
        await erase_again(transaction, derive, listed)
    async with transaction() as connection:
        unlisted = [one for one in await erased(connection) if one not in listed]
    if unlisted:
        await asyncio.to_thread(add, path, unlisted)


async def keep_listing(transaction: Transaction, derive: Derive, path: Path, again: asyncio.Event) -> None:
    """Compare at once, whenever `again` is set, and twice a minute; what fails now is done later."""
    while True:
        again.clear()
        try:
            await compare(transaction, derive, path)
        except OSError as error:
            log.error("erased.not_listed", path=str(path), error=type(error).__name__)  # noqa: TRY400 - the line says all
        except (Problem, *AWAY):
            pass
        with suppress(TimeoutError):
            await asyncio.wait_for(again.wait(), LOOK_SECONDS)
