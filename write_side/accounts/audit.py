"""The audit of accounts: one row beside every change, and what the log is told of it, in one transaction."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from events.base import Event
from kit.auth.roles import Client, Role
from kit.errors import Problem
from kit.postgres.connect import Connection
from kit.problem_types import FORBIDDEN
from write_side.accounts.outbox import leave


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
        reason: why, in the actor's words.
        facts: ids and plain words only, never a name or a secret.
        event: what the log is told of it; None: it is nobody else's business.
        client: what kind of client asked for it.

    Raises:
        Problem: 422, the reason cannot stand in the log.
    """
    await connection.execute(
        "insert into auth.audit (actor, action, account, facts, reason) values ($1, $2, $3, $4, $5)",
        actor,
        action,
        account,
        dict(facts or {}),
        reason,
    )
    if event is not None:
        await leave(connection, account, event, actor=actor, reason=reason, client=client)


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
