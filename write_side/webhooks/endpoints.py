"""Keeps webhooks: their rows are changed here by their owner, and by the projector as far as they get."""

import base64
import secrets
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from kit.auth.roles import Identity, Role, effective
from kit.errors import Problem
from kit.ids import new_id
from kit.postgres.connect import Connection
from kit.problem_types import FORBIDDEN, NOT_FOUND
from write_side.accounts.audit import note
from write_side.accounts.locks import hold
from write_side.accounts.sessions import require_enabled
from write_side.webhooks.bodies import ChangedWebhook, WantedWebhook
from write_side.webhooks.problem_types import TOO_MANY_WEBHOOKS

MOST = 10
"""Webhooks of an account."""

SECRET_BYTES = 32

_COUNT = "select count(*) from hook.endpoint where account = $1"

_ROLES = "select array_agg(role) from auth.account_role where account = $1"

_STRONG = "select exists (select from auth.session where id = $1 and strong)"

_ADD = """
insert into hook.endpoint (id, account, url, description, kind, type, entry, locale, tag, insiders, strong,
                           secret, log, position)
select $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, n.log, least(coalesce($13, n.head), n.head)
  from hook.log_now() n"""

_CHANGE = """
update hook.endpoint
   set url = $2, description = $3, kind = $4, type = $5, entry = $6, locale = $7, tag = $8, insiders = $9,
       strong = $10, next_at = clock_timestamp()
 where id = $1"""

_ROTATE = "select hook.rotate($1, $2, $3)"
"""Nobody on this side reads a secret that is there."""

_PAUSE = """
update hook.endpoint set state = 'paused', why = 'owner', told_at = clock_timestamp()
 where id = $1 and state = 'active'"""

_RESUME = """
update hook.endpoint e
   set state = 'active', why = null, told_at = null, tries = 0, failing_since = null, dead_in_a_row = 0,
       next_at = clock_timestamp(), log = n.log,
       position = case when e.log = n.log then e.position else n.head end
  from hook.log_now() n where e.id = $1"""

_FIND = "select id, account from hook.endpoint where id = $1 and (account = $2 or $3) for update"


class WebhookSecret(NamedTuple):
    """A secret that was made just now."""

    id: UUID
    secret: str
    """As receivers take it; told this once."""
    former_until: datetime | None = None


async def register(connection: Connection, who: Identity, wanted: WantedWebhook) -> WebhookSecret:
    """Register a webhook, and note it in the audit.

    Args:
        connection: may change accounts, in a transaction.
        who: asks; an administrator may ask for another account.
        wanted: what; its address was looked at.

    Raises:
        Problem: 403, it is for somebody else, or the account is no editor; 404 and 409, there is no such
            account, or it is shut out, or has as many as it may.
    """
    account = UUID(str(wanted.account or who.account))
    if account != who.account and Role.ADMIN not in who.roles:
        raise Problem(FORBIDDEN, "Only an administrator registers a webhook for another account.")
    await hold(connection, account)
    await require_enabled(connection, account)
    await _require_insider(connection, account, wanted)
    if await connection.fetchval(_COUNT, account) >= MOST:
        raise Problem(TOO_MANY_WEBHOOKS)
    made, secret = new_id(), secrets.token_bytes(SECRET_BYTES)
    strong = await connection.fetchval(_STRONG, who.session)
    await connection.execute(_ADD, made, account, *_asked(wanted), strong, secret, wanted.after)
    await _noted(connection, "webhook.registered", account, who, made)
    return WebhookSecret(made, _written(secret))


async def change(connection: Connection, who: Identity, id_: UUID, wanted: ChangedWebhook) -> None:
    """Change where to events are sent, and which; it is tried at once. Raises Problem as `register` does."""
    account = await owned(connection, who, id_)
    await _require_insider(connection, account, wanted)
    strong = await connection.fetchval(_STRONG, who.session)
    await connection.execute(_CHANGE, id_, *_asked(wanted), strong)
    await _noted(connection, "webhook.changed", account, who, id_)


async def rotate(connection: Connection, who: Identity, id_: UUID, overlap: timedelta) -> WebhookSecret:
    """Make another secret; requests are signed with that of before, too, for a while.

    Raises:
        Problem: 404.
    """
    account = await owned(connection, who, id_)
    secret = secrets.token_bytes(SECRET_BYTES)
    until = await connection.fetchval(_ROTATE, id_, secret, overlap)
    await _noted(connection, "webhook.secret-changed", account, who, id_)
    return WebhookSecret(id_, _written(secret), until)


async def pause(connection: Connection, who: Identity, id_: UUID) -> None:
    """Send nothing until it is resumed; raises Problem 404."""
    account = await owned(connection, who, id_)
    await connection.execute(_PAUSE, id_)
    await _noted(connection, "webhook.paused", account, who, id_)


async def resume(connection: Connection, who: Identity, id_: UUID) -> None:
    """Go on where it stopped, whatever stopped it; raises Problem 404, and 409 of a disabled account."""
    account = await owned(connection, who, id_)
    await require_enabled(connection, account)
    await connection.execute(_RESUME, id_)
    await _noted(connection, "webhook.resumed", account, who, id_)


async def remove(connection: Connection, who: Identity, id_: UUID) -> None:
    """Remove a webhook with all that is known of it; raises Problem 404."""
    account = await owned(connection, who, id_)
    await connection.execute("delete from hook.endpoint where id = $1", id_)
    await _noted(connection, "webhook.removed", account, who, id_)


async def owned(connection: Connection, who: Identity, id_: UUID) -> UUID:
    """Hold a webhook that somebody may see, until the transaction ends; return whose it is.

    Raises:
        Problem: 404, there is none, or it is another's and he is no administrator.
    """
    row: Any = await connection.fetchrow(_FIND, id_, who.account, Role.ADMIN in who.roles)
    if row is None:
        raise Problem(NOT_FOUND, "There is no such webhook.")
    account: UUID = row["account"]
    return account


def _asked(wanted: ChangedWebhook) -> tuple[Any, ...]:
    chosen = wanted.kind, wanted.type, wanted.entry, wanted.locale, wanted.tag
    return (wanted.url, wanted.description, *chosen, wanted.insiders)


async def _require_insider(connection: Connection, account: UUID, wanted: ChangedWebhook) -> None:
    if wanted.insiders and Role.EDITOR not in effective(await connection.fetchval(_ROLES, account) or ()):
        raise Problem(FORBIDDEN, "What insiders know needs the role editor.")


async def _noted(connection: Connection, action: str, account: UUID, who: Identity, id_: UUID) -> None:
    facts = {"webhook": str(id_)}
    await note(connection, action, account, actor=who.account, facts=facts, client=who.client)


def _written(secret: bytes) -> str:
    return f"whsec_{base64.b64encode(secret).decode('ascii')}"
