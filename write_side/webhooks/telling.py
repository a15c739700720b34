"""Tells owners of webhooks that were stopped: the projector stops them, and mail is left on this side."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit
from uuid import UUID

from kit.postgres.connect import AWAY, Pool
from kit.running.ending import end
from write_side.accounts.mail.queue import tell_owner
from write_side.accounts.work import AccountWork

TELL_SECONDS = 120.0
"""Between two looks. It is longer than a connection stays open that nobody needs."""

WAIT_SECONDS = 1.0
"""Longest time that a connection is waited for."""

_STOPPED = """
update hook.endpoint set told_at = clock_timestamp()
 where id = any(array(select id from hook.endpoint where state <> 'active' and told_at is null
                       limit 100 for update skip locked))
returning id, account, why, url, description"""


async def tell(pool: Pool) -> int:
    """Leave a mail about each webhook that was stopped since the last time; return how many.

    Raises:
        OSError, asyncpg.PostgresError: the database is away; they are told the next time.
    """
    async with pool.acquire(timeout=WAIT_SECONDS) as connection, connection.transaction():
        stopped = await connection.fetch(_STOPPED)
        told = [row for row in stopped if row["why"] != "account"]
        for row in told:
            name = _name(row["id"], row["url"], row["description"])
            await tell_owner(connection, "webhook-stopped", row["account"], webhook=name)
    return len(told)


def _name(id_: UUID, url: str, description: str) -> str:
    """Return what a webhook is called in a mail; the rest of an address may be a secret."""
    host = urlsplit(url).hostname or ""
    return " · ".join(one for one in (description, host, str(id_)) if one)


@asynccontextmanager
async def telling_owners(work: AccountWork) -> AsyncIterator[None]:
    """Tell owners, again and again."""

    async def keep_telling() -> None:
        while True:
            with suppress(*AWAY):
                if await tell(work.pool):
                    work.post.mail_was_left()
            await asyncio.sleep(TELL_SECONDS)

    task = asyncio.create_task(keep_telling(), name="tell owners of webhooks")
    try:
        yield
    finally:
        await end(task)
