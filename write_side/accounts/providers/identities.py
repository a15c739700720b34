"""Which providers vouch for an account; the last way in is never taken away."""

from uuid import UUID

from kit.errors import Problem
from kit.postgres.connect import Connection
from kit.problem_types import NOT_FOUND
from write_side.accounts.factors.ways_in import require_way_in, tell_of_change
from write_side.accounts.locks import require_in_force
from write_side.accounts.problem_types import IDENTITY_TAKEN, PROVIDER_LINKED
from write_side.accounts.providers.settings import ProviderName
from write_side.accounts.sessions import end_others, require_enabled

_FIND = """
select i.account, a.disabled_at is not null as disabled
  from auth.identity i join auth.account a on a.id = i.account
 where i.provider = $1 and i.subject = $2 for no key update of a"""

_ADD = """
insert into auth.identity (provider, subject, account) values ($1, $2, $3)
on conflict do nothing returning true"""

_WHOSE = "select account from auth.identity where provider = $1 and subject = $2"

_REMOVE = "delete from auth.identity where account = $1 and provider = $2 returning true"


async def account_of(
    connection: Connection, provider: ProviderName, subject: str
) -> tuple[UUID, bool] | None:
    """Return whom a provider's word lets in, held until the transaction ends, and whether he is shut out."""
    row = await connection.fetchrow(_FIND, provider, subject)
    return None if row is None else (row["account"], row["disabled"])


async def add_identity(connection: Connection, account: UUID, provider: ProviderName, subject: str) -> bool:
    """Let a provider vouch for an account. False: it does so for one, or the account has another of it."""
    return bool(await connection.fetchval(_ADD, provider, subject, account))


async def link(
    connection: Connection, account: UUID, session: UUID | None, provider: ProviderName, subject: str
) -> None:
    """Let a provider vouch for the account of somebody who is signed in; he is told, and other sessions end.

    Args:
        connection: in a transaction.
        account: his.
        session: in which he asked for it; it has to be in force still, and goes on.
        provider: who vouches.
        subject: for whom, in the provider's words.

    Raises:
        Problem: 401, the session has ended; 409, the provider vouches for another account, or the account has
            another identity of it.
    """
    await require_enabled(connection, account)
    await require_in_force(connection, account, session)
    if not await add_identity(connection, account, provider, subject):
        whose = await connection.fetchval(_WHOSE, provider, subject)
        if whose == account:
            return
        raise Problem(PROVIDER_LINKED if whose is None else IDENTITY_TAKEN)
    await tell_of_change(connection, account, "identity.linked", {"provider": provider})
    await end_others(connection, account, session, reason="linked a provider")


async def unlink(connection: Connection, account: UUID, provider: ProviderName) -> None:
    """Let a provider no longer vouch for an account, and tell its owner.

    Raises:
        Problem: 404, it does not; 409, there would be no way to sign in.
    """
    await require_enabled(connection, account)
    if not await connection.fetchval(_REMOVE, account, provider):
        raise Problem(NOT_FOUND, "This provider does not vouch for your account.")
    await require_way_in(connection, account)
    await tell_of_change(connection, account, "identity.unlinked", {"provider": provider})
