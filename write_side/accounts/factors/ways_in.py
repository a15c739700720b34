"""Ways to sign in to an account: the last one is never taken away, and its owner hears of each change."""

from collections.abc import Mapping
from uuid import UUID

from kit.errors import Problem
from kit.postgres.connect import Connection
from write_side.accounts.audit import note
from write_side.accounts.mail.queue import tell_owner
from write_side.accounts.problem_types import LAST_WAY_IN

_WAYS = """
select a.password is not null or a.email is not null
       or exists (select from auth.identity i where i.account = a.id)
       or exists (select from auth.passkey p where p.account = a.id)
  from auth.account a where a.id = $1"""


async def require_way_in(connection: Connection, account: UUID) -> None:
    """Refuse what has taken the last way in away; call it in the transaction that did, and holds the account.

    Raises:
        Problem: 409.
    """
    if not await connection.fetchval(_WAYS, account):
        raise Problem(LAST_WAY_IN)


async def tell_of_change(
    connection: Connection, account: UUID, action: str, facts: Mapping[str, str]
) -> None:
    """Note that the owner of an account has changed what he signs in with, and leave him a mail.

    Args:
        connection: in the transaction that does it.
        account: whose.
        action: what was done, as the audit calls it.
        facts: which way.
    """
    await note(connection, action, account, actor=account, facts=facts)
    await tell_owner(connection, "ways-changed", account)
