"""What accounts may do: roles given and taken, accounts shut out and let in again, within a second."""

from uuid import UUID

from events.account import AccountDisabled, AccountEnabled, AccountRoleGranted, AccountRoleRevoked
from kit.auth.roles import Client, Role
from kit.errors import Problem
from kit.postgres.connect import Connection
from kit.problem_types import NOT_FOUND
from write_side.accounts.audit import has_administrator, note, require_admin
from write_side.accounts.invitations.revoking import revoke_invitations_of
from write_side.accounts.locks import administrators_change
from write_side.accounts.problem_types import LAST_ADMIN, OWN_RIGHTS, ROLE_INCLUDED
from write_side.accounts.sessions import end_everything

_HELD = """
select a.disabled_at is not null as disabled,
       array(select r.role from auth.account_role r where r.account = a.id) as roles
  from auth.account a where a.id = $1 and a.erased_at is null for no key update"""


async def grant(
    connection: Connection, account: UUID, role: Role, *, actor: UUID | None, reason: str = ""
) -> bool:
    """Give a role; False: it is held already.

    Raises:
        Problem: 403 when the actor is no administrator, or means himself; 404 without such an account.
    """
    async with connection.transaction():
        await _held(connection, account, actor)
        status = await connection.execute(
            "insert into auth.account_role (account, role) values ($1, $2) on conflict do nothing",
            account,
            role.value,
        )
        if not status.endswith(" 1"):
            return False
        await note(
            connection,
            "role.granted",
            account,
            actor=actor,
            reason=reason,
            facts={"role": role.value},
            event=AccountRoleGranted(role=role.value),
        )
    return True


async def revoke(
    connection: Connection,
    account: UUID,
    role: Role,
    *,
    actor: UUID | None,
    reason: str = "",
    force: bool = False,
) -> bool:
    """Take a role, and nothing else; False: it is not held.

    Args:
        connection: one of `kit.postgres.connect`, acting as the owner of schema `auth`.
        account: whose.
        role: as it was granted; what a higher one includes goes with that one.
        actor: by whom; None: the operator.
        reason: why.
        force: even if no administrator is left then.

    Raises:
        Problem: 403 when the actor is no administrator, or means himself; 404 without such an account; 409
            when a higher role includes this one, or nobody would administrate any more.
    """
    async with connection.transaction():
        held = await _held(connection, account, actor)
        if role not in held:
            higher = [one for one in held if role in one.included]
            if higher:
                raise Problem(
                    ROLE_INCLUDED, f"The role {role} comes with {higher[-1]}: revoke that one first."
                )
            return False
        await _take(connection, account, role, actor=actor, reason=reason)
        await administrated(connection, before=role is Role.ADMIN, force=force)
    return True


async def set_role(
    connection: Connection,
    account: UUID,
    role: Role,
    *,
    actor: UUID | None,
    reason: str = "",
    force: bool = False,
) -> bool:
    """Let an account have this role and what it includes, and nothing more; False: so it was.

    Raises:
        Problem: what `grant` and `revoke` raise.
    """
    async with connection.transaction():
        held = await _held(connection, account, actor)
        given = await grant(connection, account, role, actor=actor, reason=reason)
        others = [one for one in held if one is not role]
        for one in others:
            await _take(connection, account, one, actor=actor, reason=reason)
        await administrated(connection, before=Role.ADMIN in others, force=force)
    return given or bool(others)


async def disable(
    connection: Connection,
    account: UUID,
    *,
    actor: UUID | None,
    reason: str = "",
    force: bool = False,
    client: Client = "api",
) -> bool:
    """Shut an account out and end all that it has, its invitations too; its name and roles stay.

    False: so it was.

    Raises:
        Problem: 403 when the actor is no administrator, or means himself; 404 without such an account; 409
            when nobody would administrate any more.
    """
    async with connection.transaction():
        held = await _held(connection, account, actor)
        status = await connection.execute(
            "update auth.account set disabled_at = clock_timestamp() where id = $1 and disabled_at is null",
            account,
        )
        if not status.endswith(" 1"):
            return False
        await administrated(connection, before=Role.ADMIN in held, force=force)
        await note(
            connection,
            "account.disabled",
            account,
            actor=actor,
            reason=reason,
            event=AccountDisabled(),
            client=client,
        )
        await revoke_invitations_of(connection, account)
        await end_everything(connection, account, actor=None, reason=reason)
    return True


async def enable(connection: Connection, account: UUID, *, actor: UUID | None, reason: str = "") -> bool:
    """Let an account in again; what was ended with it stays so. False: it was not shut out.

    Raises:
        Problem: 403 when the actor is no administrator, or means himself, 404 without such an account.
    """
    async with connection.transaction():
        await _held(connection, account, actor)
        status = await connection.execute(
            "update auth.account set disabled_at = null where id = $1 and disabled_at is not null", account
        )
        if not status.endswith(" 1"):
            return False
        await note(connection, "account.enabled", account, actor=actor, reason=reason, event=AccountEnabled())
    return True


async def _held(connection: Connection, account: UUID, actor: UUID | None) -> list[Role]:
    """Return the granted roles, lowest first, once the actor may change them; hold the account.

    Two administrators must not remove one another at once.
    """
    await administrators_change(connection)
    await require_admin(connection, actor)
    if actor == account:
        raise Problem(OWN_RIGHTS)
    row = await connection.fetchrow(_HELD, account)
    if row is None:
        raise Problem(NOT_FOUND, "There is no such account.")
    return [role for role in Role if role.value in row["roles"]]


async def _take(
    connection: Connection, account: UUID, role: Role, *, actor: UUID | None, reason: str
) -> None:
    await connection.execute(
        "delete from auth.account_role where account = $1 and role = $2", account, role.value
    )
    await note(
        connection,
        "role.revoked",
        account,
        actor=actor,
        reason=reason,
        facts={"role": role.value},
        event=AccountRoleRevoked(role=role.value),
    )


async def administrated(connection: Connection, *, before: bool, force: bool) -> None:
    """Refuse what took an administrator's rights when no other one is left."""
    if before and not force and not await has_administrator(connection):
        raise Problem(LAST_ADMIN)
