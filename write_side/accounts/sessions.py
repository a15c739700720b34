"""Opening, listing and ending the sessions that tokens of people stand for."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal, NamedTuple
from uuid import UUID

from events.account import AccountSessionsEnded, AccountSignedIn
from kit.auth.roles import Client, Role, effective
from kit.auth.tokens import ORDINARY
from kit.errors import Problem
from kit.ids import new_id
from kit.postgres.connect import Connection
from kit.problem_types import NOT_FOUND
from write_side.accounts.audit import note, require_admin
from write_side.accounts.locks import hold
from write_side.accounts.problem_types import ACCOUNT_DISABLED


class Session(NamedTuple):
    """A session that is in force."""

    id: UUID
    client: Client
    opened_at: datetime
    expires_at: datetime


async def open_session(
    connection: Connection,
    account: UUID,
    *,
    expires: datetime,
    actor: UUID | None,
    client: Client = "api",
    longest_token: timedelta = ORDINARY,
    reason: str = "",
    strong: bool = False,
) -> UUID:
    """Open a session for an account that is in force, and return its id.

    Args:
        connection: one of `kit.postgres.connect`, acting as the owner of schema `auth`.
        account: whose.
        expires: when it ends by itself.
        actor: who opens it: the account itself, or None for the operator.
        client: which kind of client it is for; "bot" has tokens of its own.
        longest_token: how long one of its tokens may live, 24 hours at most.
        reason: why.
        strong: whether a second factor was shown; the operator's word counts as one.

    Raises:
        Problem: 404 without such an account, 409 when it is disabled.
    """
    session = new_id()
    async with connection.transaction():
        await require_enabled(connection, account)
        await connection.execute(
            "insert into auth.session (id, account, client, expires_at, longest_token, strong)"
            " values ($1, $2, $3, $4, $5, $6)",
            session,
            account,
            client,
            expires,
            int(longest_token.total_seconds()),
            strong or actor is None,
        )
        held = await connection.fetch("select role from auth.account_role where account = $1", account)
        publishes = Role.MODERATOR in effective(row["role"] for row in held)
        await note(
            connection,
            "session.opened",
            account,
            actor=actor,
            reason=reason,
            facts={"session": str(session)},
            event=AccountSignedIn(session=session) if actor == account and publishes else None,
            client=client,
        )
    return session


async def sessions_of(connection: Connection, account: UUID) -> list[Session]:
    """Return the sessions of an account that are in force, oldest first."""
    rows = await connection.fetch(
        "select id, client, opened_at, expires_at from auth.session"
        " where account = $1 and revoked_at is null and expires_at > clock_timestamp() order by opened_at",
        account,
    )
    return [Session(*row) for row in rows]


async def end_session(connection: Connection, session: UUID, *, actor: UUID | None, reason: str = "") -> bool:
    """End one session; its tokens stop working within a second. False: there was none to end.

    Raises:
        Problem: 403 when it is somebody else's and the actor is no administrator.
    """
    return await end_one(connection, "session", "session.ended", session, actor=actor, reason=reason)


async def end_own(connection: Connection, session: UUID, account: UUID) -> None:
    """End a session of somebody's own; one that has ended stays so.

    Raises:
        Problem: 404, he has and had none of this id.
    """
    if not await connection.fetchval(
        "select exists (select from auth.session where id = $1 and account = $2)", session, account
    ):
        raise Problem(NOT_FOUND, "You have no such session.")
    await end_session(connection, session, actor=account)


async def end_others(
    connection: Connection, account: UUID, staying: UUID | None, *, reason: str = "ended all others"
) -> int:
    """End all sessions of somebody's own but one, and return how many there were."""
    return await _end(connection, account, ["session"], actor=account, reason=reason, staying=staying)


async def end_one(
    connection: Connection,
    what: Literal["session", "bot_token"],
    action: str,
    id_: UUID,
    *,
    actor: UUID | None,
    reason: str,
) -> bool:
    """End what an account has, by its id. False: there was none in force.

    Args:
        connection: acting as the owner of schema `auth`.
        what: the table of it.
        action: what the audit calls it.
        id_: which.
        actor: by whom; None: the operator.
        reason: why.

    Raises:
        Problem: 403 when it is somebody else's and the actor is no administrator.
    """
    async with connection.transaction():
        account = await connection.fetchval(f"select account from auth.{what} where id = $1", id_)
        if account != actor:
            await require_admin(connection, actor)
        told = _told(what, "signed-out", account, actor)
        ended = await connection.fetchval(
            f"update auth.{what} set revoked_at = clock_timestamp(){told}"
            " where id = $1 and revoked_at is null returning account",
            id_,
        )
        if ended is None:
            return False
        fact = what.removeprefix("bot_")
        await note(connection, action, ended, actor=actor, reason=reason, facts={fact: str(id_)})
    return True


async def end_sessions(
    connection: Connection, account: UUID, *, actor: UUID | None, reason: str = "", client: Client = "api"
) -> int:
    """End all sessions of an account, and return how many there were; tokens of its bots go on.

    Raises:
        Problem: 403 when it is somebody else's and the actor is no administrator.
    """
    return await _end(connection, account, ["session"], actor=actor, reason=reason, client=client)


async def end_everything(
    connection: Connection, account: UUID, *, actor: UUID | None, reason: str = ""
) -> int:
    """End all sessions and bot tokens of an account and its link to Telegram; return how many those were.

    Raises:
        Problem: 403 when it is somebody else's and the actor is no administrator.
    """
    ended = await _end(connection, account, ["session", "bot_token"], actor=actor, reason=reason)
    await connection.execute("delete from auth.telegram where account = $1", account)
    return ended


async def _end(
    connection: Connection,
    account: UUID,
    tables: Sequence[str],
    *,
    actor: UUID | None,
    reason: str,
    staying: UUID | None = None,
    client: Client = "api",
) -> int:
    async with connection.transaction():
        if account != actor:
            await require_admin(connection, actor)
        await hold(connection, account)
        ended = 0
        for table in tables:
            told = _told(table, "signed-out-everywhere", account, actor)
            ended += await connection.fetchval(
                f"with ended as (update auth.{table} set revoked_at = clock_timestamp(){told}"
                " where account = $1 and revoked_at is null and expires_at > clock_timestamp()"
                " and id is distinct from $2 returning 1) select count(*) from ended",
                account,
                staying,
            )
        await note(
            connection,
            "sessions.ended",
            account,
            actor=actor,
            reason=reason,
            facts={"ended": ended},
            event=AccountSessionsEnded() if ended else None,
            client=client,
        )
    return ended


def _told(table: str, why: str, account: UUID, actor: UUID | None) -> str:
    """Return what a session is set to besides when it ends: why, in a word for the clients that it had."""
    if table != "session":
        return ""
    return f", why = '{why if actor == account else 'ended-by-administrator'}'"


async def require_enabled(connection: Connection, account: UUID) -> None:
    """Raise Problem: 404 without such an account, 409 when it is disabled. Who else changes it waits."""
    disabled = await connection.fetchrow(
        "select disabled_at is not null as disabled from auth.account where id = $1 for no key update",
        account,
    )
    if disabled is None:
        raise Problem(NOT_FOUND, "There is no such account.")
    if disabled["disabled"]:
        raise Problem(ACCOUNT_DISABLED)


async def require_account(connection: Connection, account: UUID) -> None:
    """Raise Problem: 404 without such an account."""
    if not await connection.fetchval("select exists (select from auth.account where id = $1)", account):
        raise Problem(NOT_FOUND, "There is no such account.")
