"""What the bot may send for somebody who pressed a button: four commands, each by a token for it alone."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Literal, NamedTuple
from uuid import UUID

from kit import clock
from kit.auth.keys import SigningKey
from kit.auth.standing import BY_LINK_SECONDS
from kit.auth.tokens import mint
from kit.errors import Problem
from kit.postgres.connect import Connection
from write_side.accounts.audit import note
from write_side.accounts.problem_types import TELEGRAM_UNKNOWN
from write_side.entry.kinds import AGGREGATES
from write_side.problem_types import INVALID

ActName = Literal["publish", "return", "sign-out", "disable"]


class _Act(NamedTuple):
    """A command that a button stands for."""

    method: str
    place: str
    """Its path, with what it is done to."""
    proved: bool = False
    """Whether a press of the button proves enough: shutting somebody out is in a hurry and can be undone."""


_ACTS: Mapping[ActName, _Act] = {
    "publish": _Act("PUT", "/v1/{path}/{on}/publication"),
    "return": _Act("POST", "/v1/{path}/{on}/return"),
    "sign-out": _Act("DELETE", "/v1/accounts/{on}/sessions"),
    "disable": _Act("PUT", "/v1/accounts/{on}/disabled", proved=True),
}

_LINKED = """
select t.id, t.account from auth.telegram t join auth.account a on a.id = t.account
 where t.telegram_user = $1 and a.disabled_at is null"""


class Acting(NamedTuple):
    """What the bot sends a command with."""

    account: UUID
    """By whom it is."""
    method: str
    path: str
    token: str
    """Good for this command, for half a minute."""


async def act_for(
    connection: Connection, key: SigningKey, user: int, act: ActName, on: UUID, kind: str
) -> Acting:
    """Return the token of one command of somebody who pressed a button, and note in the audit that he did.

    What he may do is not looked at here but when the command comes.

    Args:
        connection: in a transaction.
        key: signs the token.
        user: the number by which Telegram knows him.
        act: what the button stands for.
        on: id of the entry or account that it is done to.
        kind: of the entry; empty for an account.

    Raises:
        Problem: 403, no account that is in force is linked with him; 422, there is no such kind.
    """
    wanted = _ACTS[act]
    if ("{path}" in wanted.place) != (kind in AGGREGATES):
        raise Problem(
            INVALID, errors=[{"pointer": "/kind", "detail": "must be that of the entry, if it is one"}]
        )
    path = wanted.place.format(on=on, path=AGGREGATES[kind].declared.path if kind in AGGREGATES else "")
    linked = await connection.fetchrow(_LINKED, user)
    if linked is None:
        raise Problem(TELEGRAM_UNKNOWN)
    facts = {"act": act, "on": str(on)}
    await note(connection, "telegram.pressed", linked["account"], actor=linked["account"], facts=facts)
    token = mint(
        key,
        linked["account"],
        linked["id"],
        timedelta(seconds=BY_LINK_SECONDS),
        clock.now(),
        only=f"{wanted.method} {path}",
        proved=wanted.proved,
    )
    return Acting(linked["account"], wanted.method, path, token)
