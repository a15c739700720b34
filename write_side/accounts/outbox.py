"""The outbox of accounts: what others are to be told stands beside the change, until the log has it."""

from uuid import UUID

from events.account import EVENTS
from events.base import Event, Meta
from events.codec import Codec
from kit.auth.roles import Client
from kit.errors import Problem
from kit.ids import new_id
from kit.postgres.connect import Connection
from kit.text import line
from write_side.problem_types import INVALID

OPERATOR = UUID(int=0)
"""The actor of what is done at a command line."""

MAX_REASON = 500

_CODEC = Codec(EVENTS)

_LEAVE = """
with next as (update auth.account set version = version + 1 where id = $1 returning version)
insert into auth.outbox (account, version, event, type, schema, meta, payload)
select $1, next.version, $2, $3, $4, $5, $6 from next"""


async def leave(
    connection: Connection, account: UUID, event: Event, *, actor: UUID | None, reason: str, client: Client
) -> None:
    """Leave an event of an account for the log; call it inside the transaction that it tells of.

    Whoever else changes the account waits until then, so that its events are numbered as they happened.

    Args:
        connection: one of `kit.postgres.connect`, which may write schema `auth`.
        account: whose.
        event: one of `events.account`.
        actor: by whom; None: the operator.
        reason: why, one line.
        client: what kind of client asked for it.

    Raises:
        Problem: 422, the reason is no line or too long.
    """
    id_ = new_id()
    stored = _CODEC.encode(event)
    meta = Meta(actor=actor or OPERATOR, command=id_, client=client, reason=_reason(reason))
    await connection.execute(
        _LEAVE, account, id_, stored.type, stored.schema, _CODEC.encode_meta(meta), stored.payload
    )


def _reason(reason: str) -> str:
    try:
        said = line(reason)
    except ValueError as error:
        raise Problem(INVALID, errors=[{"pointer": "/reason", "detail": str(error)}]) from None
    if len(said) > MAX_REASON:
        detail = f"must have at most {MAX_REASON} characters"
        raise Problem(INVALID, errors=[{"pointer": "/reason", "detail": detail}])
    return said
