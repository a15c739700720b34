"""Mail that waits: a row beside the change that it tells of, in one transaction."""

from uuid import UUID

from events.base import Locale
from kit.ids import new_id
from kit.postgres.connect import Connection
from write_side.accounts.mail.texts import MailKind

_OWNER = "select email, locale from auth.account where id = $1 and email is not null"


async def queue_mail(
    connection: Connection, kind: MailKind, address: str, locale: Locale, **facts: str
) -> None:
    """Leave a mail to be sent; call it inside the transaction that it tells of.

    Args:
        connection: of a role that may write schema `auth`.
        kind: what it says.
        address: to whom.
        locale: his language.
        facts: what is filled in; empty ones are left out. A code works once; it stands here until the mail is
            sent, and nowhere else in readable form.
    """
    await connection.execute(
        "insert into auth.mail (id, address, locale, kind, facts) values ($1, $2, $3, $4, $5)",
        new_id(),
        address,
        locale,
        kind,
        {name: said for name, said in facts.items() if said},
    )


async def tell_owner(connection: Connection, kind: MailKind, account: UUID, **facts: str) -> None:
    """Leave a mail for the owner of an account, in his language, where it has an address."""
    owner = await connection.fetchrow(_OWNER, account)
    if owner is not None:
        await queue_mail(connection, kind, owner["email"], owner["locale"], **facts)
