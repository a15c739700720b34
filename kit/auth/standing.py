"""What the database says of a session or a bot's token right now: at most one second old, or nothing."""

import asyncio
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from kit.auth.roles import Identity, Role, Scope, effective
from kit.errors import Problem
from kit.postgres.connect import AWAY, Pool
from kit.problem_types import IDENTITY_UNAVAILABLE

FRESH_SECONDS = 1.0
"""How long an answer of the database may be used: a revoked role or session acts within this time."""

READ_SECONDS = 1.0
"""How long the database may take; after that nobody is let in."""

FRESH_PROOF = timedelta(minutes=10)
"""How long somebody who showed who he is may do what is dangerous."""

WITH_FACTOR = frozenset({Role.MODERATOR, Role.ADMIN})
"""Roles that can be made to ask for a second factor."""

_REMEMBERED = 10_000

_ROLES = "array(select r.role from auth.account_role r where r.account = a.id) as roles"

_OF_SESSION = f"""
select s.id, s.account, s.client, s.expires_at, s.longest_token, {_ROLES},
       s.strong, s.seen_at < clock_timestamp() - interval '5 minutes' as unseen, null as scopes,
       s.proved_at > clock_timestamp() - interval '{FRESH_PROOF.total_seconds():.0f} seconds' as fresh
from auth.session s join auth.account a on a.id = s.account
where s.revoked_at is null and a.disabled_at is null"""

_SESSION = f"{_OF_SESSION} and s.id = $1"

_COOKIE = f"{_OF_SESSION} and s.cookie = $1"

_BOT = f"""
select b.id, b.account, 'bot' as client, b.expires_at, 0 as longest_token, {_ROLES}, b.strong,
       false as unseen, b.scopes, false as fresh
from auth.bot_token b join auth.account a on a.id = b.account
where b.sha256 = $1 and b.revoked_at is null and a.disabled_at is null
"""

BY_LINK_SECONDS = 30
"""How long a token for one command, which the Telegram bot sends for somebody, may live."""

_LINK = f"""
select t.id, t.account, 'bot' as client, clock_timestamp() + interval '1 minute' as expires_at,
       {BY_LINK_SECONDS} as longest_token, {_ROLES}, t.strong, false as unseen, null as scopes, false as fresh
from auth.telegram t join auth.account a on a.id = t.account
where t.id = $1 and a.disabled_at is null"""


class OfCookie(NamedTuple):
    """By what the session of a browser is found."""

    sha256: bytes
    """Of the secret in its cookie."""


class OfLink(NamedTuple):
    """By what somebody is found for whom the Telegram bot sends one command."""

    id: UUID


type Key = UUID | bytes | OfCookie | OfLink
"""A session by its id, a bot's token by its digest, a session by its cookie, or somebody by his link."""


class Standing(NamedTuple):
    """A live session or bot's token."""

    identity: Identity
    expires: datetime
    longest_token: int
    """Seconds that a token of this session may live; 0 for a bot, whose token is not signed."""
    unseen: bool = False
    """Nobody has noted for five minutes that it is used."""


class Standings:
    """Asks the database who stands behind a session or a bot's token; simultaneous requests share a query.

    Args:
        pool: connections that may read schema `auth`.
        clock: seconds that never go back.
        second_factor: whether who may publish has to have shown a second factor; without it he may only edit.
    """

    def __init__(
        self, pool: Pool, clock: Callable[[], float] = time.monotonic, *, second_factor: bool = False
    ) -> None:
        self.pool = pool
        self._second_factor = second_factor
        self._clock = clock
        self._known: dict[Key, tuple[float, Standing | None]] = {}
        self._asking: dict[Key, asyncio.Task[Standing | None]] = {}
        self.used: set[UUID] = set()
        """Bots' tokens that were used since somebody took their ids from here."""

    async def of(self, key: Key) -> Standing | None:
        """Return the standing of a session or a bot's token; None: it is not valid.

        Raises:
            Problem: 503 when the database does not answer in time; nobody is let in on an old answer.
        """
        known = self._known.get(key)
        if known is not None and self._clock() - known[0] < FRESH_SECONDS:
            return known[1]
        task = self._asking.get(key)
        if task is None:
            task = asyncio.create_task(self._ask(key))
            self._asking[key] = task
            task.add_done_callback(lambda done: self._asked(key, done))
        # a caller that goes away must not take the query from the others
        return await asyncio.shield(task)

    async def is_fresh(self, session: UUID) -> bool:
        """Tell, as the database knows it at this moment, whether a session has shown lately who it is.

        Raises:
            Problem: 503 when the database does not answer in time.
        """
        standing = await self._ask(session)
        return standing is not None and standing.identity.fresh

    def _roles(self, row: Any) -> frozenset[Role]:
        roles = effective(row["roles"])
        return roles if row["strong"] or not self._second_factor else roles - WITH_FACTOR

    def _asked(self, key: Key, task: asyncio.Task[Standing | None]) -> None:
        self._asking.pop(key, None)
        if not task.cancelled():
            task.exception()  # those who still wait get it; nobody else needs to hear of it

    async def _ask(self, key: Key) -> Standing | None:
        asked = self._clock()
        sql, value = _question(key)
        try:
            async with asyncio.timeout(READ_SECONDS):
                # Given a time-out, it is not waited for when it is given back and says nothing.
                async with self.pool.acquire(timeout=READ_SECONDS) as connection:
                    row = await connection.fetchrow(sql, value)
        except AWAY as error:
            raise Problem(
                IDENTITY_UNAVAILABLE,
                headers={"Retry-After": "1"},
            ) from error
        found = None
        if row is not None:
            scopes = row["scopes"]
            identity = Identity(
                row["account"],
                self._roles(row),
                row["client"],
                row["id"],
                None if scopes is None else frozenset(map(Scope, scopes)),
                fresh=row["fresh"],
            )
            if scopes is not None:
                self.used.add(identity.session)
            found = Standing(identity, row["expires_at"], row["longest_token"], bool(row["unseen"]))
        if found is not None or isinstance(key, UUID):  # made-up secrets must not push out real ones
            if len(self._known) >= _REMEMBERED:
                self._forget(asked)
            self._known[key] = (asked, found)
        return found

    def _forget(self, now: float) -> None:
        self._known = {key: entry for key, entry in self._known.items() if now - entry[0] < FRESH_SECONDS}
        if len(self._known) >= _REMEMBERED:
            self._known.clear()


def _question(key: Key) -> tuple[str, UUID | bytes]:
    if isinstance(key, OfCookie):
        return _COOKIE, key.sha256
    if isinstance(key, OfLink):
        return _LINK, key.id
    return _BOT if isinstance(key, bytes) else _SESSION, key
