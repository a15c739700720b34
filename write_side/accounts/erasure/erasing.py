"""Erases an account in one transaction: what is left is an id, and a name that nobody gets again."""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Literal, NamedTuple
from uuid import UUID

from events.account import AccountErased
from kit.auth.roles import Client
from kit.errors import Problem
from kit.postgres.connect import Connection
from kit.problem_types import NOT_FOUND
from write_side.accounts.admin.rights import administrated
from write_side.accounts.audit import note, require_admin
from write_side.accounts.erasure.inventory import INVENTORY, KeptTable
from write_side.accounts.erasure.reserved import Derive, reserve, salt_of_names
from write_side.accounts.locks import administrators_change, hold_sessions

type Transaction = Callable[[], AbstractAsyncContextManager[Connection]]
"""Lends a connection in a transaction, of a role that may change schema `auth`."""

type Why = Literal["asked", "law", "abuse", "restored"]
"""Why somebody is erased; words of anybody's own would be about him. Restored: it was done before."""

_KNOWN = """
select a.name_key,
       array(select a.email_key where a.email_key is not null
             union select c.facts -> 'email' ->> 1 from auth.code c
                    where c.account = a.id and c.facts -> 'email' ->> 1 is not null) as addresses,
       exists (select from auth.account_role r where r.account = a.id and r.role = 'admin') as admin
  from auth.account a where a.id = $1 and a.erased_at is null"""


class Erasure(NamedTuple):
    """What is asked for."""

    account: UUID
    actor: UUID | None
    """By whom: himself, an administrator, or None: the operator."""
    why: Why
    client: Client = "api"
    force: bool = False
    """Even if no administrator is left then."""


async def erase(
    transaction: Transaction, derive: Derive, wanted: Erasure, inventory: Sequence[KeptTable] = INVENTORY
) -> list[str]:
    """Erase an account, and return the addresses that it had or was to have: mails to them may be kept.

    Sessions and tokens of it stop working within a second; the log is told by the outbox.

    Args:
        transaction: lends connections; it is called again when the name changed meanwhile.
        derive: makes the slow hash under which the name stays reserved.
        wanted: who is to be erased, by whom, and why.
        inventory: how each table forgets.

    Raises:
        Problem: 403 when the actor may not, 404 without such an account, 409 when nobody would administrate
            any more.
    """
    while True:
        async with transaction() as connection:
            known, salt = await _known(connection, wanted), await salt_of_names(connection)
        hash_ = await derive(known["name_key"], salt)
        async with transaction() as connection:
            await administrators_change(connection)
            now = await _known(connection, wanted, lock=True)
            if now["name_key"] == known["name_key"]:
                await _erase(connection, wanted, now, inventory)
                await reserve(connection, hash_)
                return list(now["addresses"])


async def _known(connection: Connection, wanted: Erasure, *, lock: bool = False) -> Any:
    if wanted.actor != wanted.account:
        await require_admin(connection, wanted.actor)
    row = await connection.fetchrow(_KNOWN + (" for update" if lock else ""), wanted.account)
    if row is None:
        raise Problem(NOT_FOUND, "There is no such account.")
    return row


async def _erase(connection: Connection, wanted: Erasure, known: Any, inventory: Sequence[KeptTable]) -> None:
    await hold_sessions(connection, wanted.account)
    for kept in inventory:
        for sql in kept.forgets:
            await connection.execute(sql, wanted.account)
        for sql in kept.forgets_address:
            await connection.execute(sql, known["addresses"])
    await administrated(connection, before=known["admin"], force=wanted.force)
    await note(
        connection,
        "account.erased",
        wanted.account,
        actor=wanted.actor,
        facts={"why": wanted.why},
        event=AccountErased(),
        client=wanted.client,
    )
