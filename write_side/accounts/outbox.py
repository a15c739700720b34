"""The outbox of accounts: what others are to be told stands beside the change, until the log has it."""

from uuid import UUID

from events.account import EVENTS
from events.base import Event, Meta
from events.codec import Codec
from kit.auth.roles import Client
from kit.postgres.connect import Connection

OPERATOR = UUID(int=0)
"""The actor of what is done at a command line."""

_CODEC = Codec(EVENTS)

_LEAVE = """
with next as (update auth.account set version = version + 1 where id = $1 returning version)
insert into auth.outbox (account, version, event, type, schema, meta, payload)
select $1, next.version, $2, $3, $4, $5, $6 from next"""


async def leave(
    connection: Connection, account: UUID, id_: UUID, event: Event, *, actor: UUID | None, client: Client
) -> None:
    """Leave an event of an account for the log; call it inside the transaction that it tells of.

    Anybody else who changes the account waits until then, so that its events are numbered as they happened.

    Args:
        connection: one of `kit.postgres.connect`, which may write schema `auth`.
        account: whose.
        id_: of the event.
        event: one of `events.account`.
        actor: by whom; None: the operator.
        client: what kind of client asked for it.
    """
    stored = _CODEC.encode(event)
    meta = Meta(actor=actor or OPERATOR, command=id_, client=client)
    await connection.execute(
        _LEAVE, account, id_, stored.type, stored.schema, _CODEC.encode_meta(meta), stored.payload
    )
