"""The audit of accounts: one row beside every change, and what the log is told of it, in one transaction."""

import re
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from events.base import Event
from kit.auth.roles import Client, Role
from kit.errors import Problem
from kit.ids import new_id
from kit.postgres.connect import Connection
from kit.problem_types import FORBIDDEN
from kit.text import line
from write_side.accounts.outbox import leave
from write_side.problem_types import INVALID

MAX_REASON = 500

_ADMINISTRATED = """
select exists (select from auth.account_role r join auth.account a on a.id = r.account
                where r.role = 'admin' and a.disabled_at is null)"""

_ADDRESS = re.compile(r"[^\s@]@[^\s@]+\.[^\s@]")


async def note(
    connection: Connection,
    action: str,
    account: UUID,
    *,
    actor: UUID | None,
    reason: str = "",
    facts: Mapping[str, Any] | None = None,
    event: Event | None = None,
    client: Client = "api",
) -> None:
    """Write what is being done; call it inside the transaction that does it.

    Args:
        connection: one of `kit.postgres.connect`, acting as the owner of schema `auth`.
        action: what is done, such as "role.granted".
        account: to whom.
        actor: by whom; None: the operator, at a command line.
        reason: why, in the actor's words. They stand here alone, so that they can be taken away: the log is
            told the id of its event, by which this row is found.
        facts: ids and plain words only, never a name or a secret.
        event: what the log is told of it; None: it is nobody else's business.
        client: what kind of client asked for it.

    Raises:
        Problem: 422, the reason is no line, too long, or tells an address.
    """
    id_ = None if event is None else new_id()
    await connection.execute(
        "insert into auth.audit (actor, action, account, facts, reason, event)"
        " values ($1, $2, $3, $4, $5, $6)",
        actor,
        action,
        account,
        dict(facts or {}),
        said(reason),
        id_,
    )
    if event is not None and id_ is not None:
        await leave(connection, account, id_, event, actor=actor, client=client)


async def require_admin(connection: Connection, actor: UUID | None) -> None:
    """Refuse anybody but an administrator and the operator.

    Raises:
        Problem: 403.
    """
    if actor is None:
        return
    admin = await connection.fetchval(
        "select true from auth.account_role r join auth.account a on a.id = r.account"
        " where r.account = $1 and r.role = $2 and a.disabled_at is null",
        actor,
        Role.ADMIN.value,
    )
    if not admin:
        raise Problem(FORBIDDEN, "Only an administrator may change accounts.")


async def has_administrator(connection: Connection) -> bool:
    """Tell whether there is an administrator who is not shut out."""
    return bool(await connection.fetchval(_ADMINISTRATED))


def said(reason: str) -> str:
    """Return a reason as it is kept.

    Raises:
        Problem: 422, it is no line, too long, or tells an address.
    """
    try:
        kept = line(reason)
    except ValueError as error:
        raise _refused(str(error)) from None
    if len(kept) > MAX_REASON:
        raise _refused(f"must have at most {MAX_REASON} characters")
    if _ADDRESS.search(kept):
        raise _refused("must not tell an address: who is erased would stand there still")
    return kept


def _refused(detail: str) -> Problem:
    return Problem(INVALID, errors=[{"pointer": "/reason", "detail": detail}])
