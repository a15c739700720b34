"""Deletes what is over: now and every hour, in small steps that wait for nobody and that nobody waits for."""

import asyncio
from contextlib import suppress
from datetime import timedelta
from typing import NamedTuple

from kit.postgres.connect import AWAY, Connection, Pool

FORGET_SECONDS = 3_600.0

WAIT_SECONDS = 1.0
"""Longest time that a connection is waited for."""

BATCH = 1_000
"""Rows that are deleted in one transaction, at the most."""

SESSIONS_AT_ONCE = 100
"""Sessions whose refresh tokens are looked for together."""

SESSIONS_KEPT = timedelta(days=30)
"""Time for which their owner can see where he was signed in, and by what client."""

MAILS_KEPT = timedelta(days=2)
"""Time after which a mail is not tried any more: anyone who is there to send it gives it up after one day."""

INVITATIONS_KEPT = timedelta(days=90)
"""Time for which it can be seen what became of an invitation."""


class _Over(NamedTuple):
    """Rows of a table that are over; each condition has an index."""

    table: str
    key: str
    condition: str
    kept: timedelta = timedelta(0)


# An index finds nothing by the moment of clock_timestamp(), which may be another one for each row.
_ENDED = "least(revoked_at, expires_at) <= now()"

_OVER = (
    _Over("code", "sha256", "expires_at <= now() - $1::interval"),
    _Over("attempt", "state", "expires_at <= now() - $1::interval"),
    _Over("challenge", "sha256", "expires_at <= now() - $1::interval"),
    _Over("socket_ticket", "sha256", "expires_at <= now() - $1::interval"),
    _Over("mail", "id", "made_at <= now() - $1::interval and tries > 0", MAILS_KEPT),
    _Over("session", "id", f"secret is null and {_ENDED} - $1::interval", SESSIONS_KEPT),
    _Over(
        "invitation",
        "id",
        "least(used_at, revoked_at, expires_at) <= now() - $1::interval",
        INVITATIONS_KEPT,
    ),
)

_RENEWABLE = f"""
select id from auth.session where secret is not null and {_ENDED}
 order by least(revoked_at, expires_at) limit {SESSIONS_AT_ONCE} for update skip locked"""

_TOKENS = """
with gone as (
  delete from auth.refresh where sha256 = any(array(
    select sha256 from auth.refresh where session = any($1::uuid[]) limit $2 for update skip locked))
  returning 1)
select count(*) from gone"""

_NOT_RENEWABLE = "update auth.session set secret = null where id = any($1::uuid[])"
"""Nothing of its refresh tokens is left, and what they were made with is of no use."""


async def keep_forgetting(pool: Pool) -> None:
    """Forget now and every hour; what fails now is done an hour later."""
    while True:
        with suppress(*AWAY):
            await forget(pool)
        await asyncio.sleep(FORGET_SECONDS)


async def forget(pool: Pool, batch: int = BATCH) -> dict[str, int]:
    """Delete what can never be used again and was kept for long enough; return how many rows of which table.

    Several processes may do so at the same time: a row that somebody holds is passed over.

    Refresh tokens stay as long as their session is in force, the used ones too: anyone who comes with one of
    them has a copy, however old it is.

    Args:
        pool: connections of a role that may change accounts.
        batch: rows that are deleted in one transaction, at the most.

    Raises:
        OSError, asyncpg.PostgresError: the database is away; what is left is left.
    """
    counted = {"refresh": 0}
    while (done := await _tokens(pool, batch)) is not None:
        counted["refresh"] += done
    for over in _OVER:
        counted[over.table] = 0
        while True:
            async with pool.acquire(timeout=WAIT_SECONDS) as connection:
                status = await connection.execute(_statement(over), over.kept, batch)
            deleted = int(status.rpartition(" ")[2])
            counted[over.table] += deleted
            if deleted < batch:
                break
    return counted


def _statement(over: _Over) -> str:
    return (
        f"delete from auth.{over.table} where {over.key} = any(array(select {over.key} from auth.{over.table}"
        f" where {over.condition} limit $2 for update skip locked))"
    )


async def _tokens(pool: Pool, batch: int) -> int | None:
    """Delete refresh tokens of some sessions that are over; None: there are no such sessions."""
    async with pool.acquire(timeout=WAIT_SECONDS) as connection, connection.transaction():
        return await _tokens_of_some(connection, batch)


async def _tokens_of_some(connection: Connection, batch: int) -> int | None:
    sessions = [row["id"] for row in await connection.fetch(_RENEWABLE)]
    if not sessions:
        return None
    deleted: int = await connection.fetchval(_TOKENS, sessions, batch)
    if deleted < batch:
        await connection.execute(_NOT_RENEWABLE, sessions)
    return deleted
