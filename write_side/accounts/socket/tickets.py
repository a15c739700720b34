"""Tickets: what a socket is opened with, within half a minute and once, at whichever process."""

import hashlib
import re
import secrets
from typing import NamedTuple
from uuid import UUID

from kit.auth.identity import CHALLENGE
from kit.errors import Problem
from kit.postgres.connect import Connection
from kit.problem_types import TOKEN_INVALID

SECONDS = 30
"""Time in which a ticket has to be used."""

_AT_ONCE = 10
"""Tickets of one session that may wait to be used; the oldest ones give way."""

_FORM = re.compile(r"fjt_[A-Za-z0-9_-]{43}")

_HOLD = "select true from auth.session where id = $1 for key share"
"""Before its tickets: anyone who erases the account holds its sessions first, too."""

_MAKE = """
with former as (
  delete from auth.socket_ticket where session = $2 and sha256 not in (
    select sha256 from auth.socket_ticket where session = $2 order by expires_at desc limit $4))
insert into auth.socket_ticket (sha256, session, expires_at)
values ($1, $2, clock_timestamp() + make_interval(secs => $3))"""

_USE = """
with used as (delete from auth.socket_ticket where sha256 = $1 returning session, expires_at)
select s.id as session, s.account
  from used join auth.session s on s.id = used.session join auth.account a on a.id = s.account
 where used.expires_at > clock_timestamp() and s.revoked_at is null and s.expires_at > clock_timestamp()
   and a.disabled_at is null"""


class Admitted(NamedTuple):
    """Who came with a ticket."""

    session: UUID
    account: UUID


async def make_ticket(connection: Connection, session: UUID) -> str:
    """Return a ticket for a session of a person; its hash alone is kept. Call it in a transaction.

    Raises:
        Problem: 401, the session was erased at this moment.
    """
    ticket = f"fjt_{secrets.token_urlsafe(32)}"
    if not await connection.fetchval(_HOLD, session):
        raise Problem(TOKEN_INVALID, "The session has ended.", headers={"WWW-Authenticate": CHALLENGE})
    await connection.execute(_MAKE, _digest(ticket), session, SECONDS, _AT_ONCE - 1)
    return ticket


async def use_ticket(connection: Connection, ticket: str) -> Admitted | None:
    """Use a ticket; None: it is none, was used, is too old, or its session has ended."""
    if not _FORM.fullmatch(ticket):
        return None
    row = await connection.fetchrow(_USE, _digest(ticket))
    return None if row is None else Admitted(**row)


def _digest(ticket: str) -> bytes:
    return hashlib.sha256(ticket.encode()).digest()
