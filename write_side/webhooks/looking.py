"""What is told of webhooks, and what is wanted once more of them."""

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from kit.auth.roles import Identity, Role
from kit.errors import Problem
from kit.ids import new_id
from kit.postgres.connect import Connection
from kit.problem_types import NOT_FOUND
from write_side.problem_types import INVALID
from write_side.webhooks.bodies import LAST, WantedReplay
from write_side.webhooks.endpoints import owned
from write_side.webhooks.problem_types import STILL_TO_COME, TOO_MANY_REPLAYS

PAGE = 100

MOST_REPLAYS = 10
"""Of a webhook, that wait."""

_SHOWN = """
select e.id, e.account, e.url, e.description, e.kind, e.type, e.entry, e.locale, e.tag, e.insiders,
       e.state, e.why, e.position, e.tries, e.failing_since, e.next_at, e.made_at,
       case when e.former_until > clock_timestamp() then e.former_until end as former_until,
       (select count(*) from hook.dead_letter d where d.endpoint = e.id) as dead_letters
  from hook.endpoint e"""

_ATTEMPTS = f"""
select number, at, position, event, type, try as attempt, status, why, took from hook.attempt
 where endpoint = $1 and number < $2 order by number desc limit {PAGE}"""

_DEAD = f"""
select position, event, type, tries, first_at, at, status, why from hook.dead_letter
 where endpoint = $1 and position > $2 order by position limit {PAGE}"""

_REPLAY = "insert into hook.replay (id, endpoint, done, upto) values ($1, $2, $3, $4)"


class WantedRange(NamedTuple):
    """A replay that waits."""

    id: UUID
    after: int
    upto: int


async def webhooks(connection: Connection, account: UUID | None, after: UUID | None = None) -> Sequence[Any]:
    """Return webhooks, oldest first, a page of them; of an account, or None: of all."""
    sql = f"{_SHOWN} where ($1::uuid is null or e.account = $1) and ($2::uuid is null or e.id > $2)"
    found: Sequence[Any] = await connection.fetch(f"{sql} order by e.id limit {PAGE}", account, after)
    return found


async def webhook(connection: Connection, who: Identity, id_: UUID) -> Any:
    """Return one; raises Problem 404 where somebody may not see it."""
    row = await connection.fetchrow(
        f"{_SHOWN} where e.id = $1 and (e.account = $2 or $3)", id_, who.account, Role.ADMIN in who.roles
    )
    if row is None:
        raise Problem(NOT_FOUND, "There is no such webhook.")
    return row


async def attempts(connection: Connection, who: Identity, id_: UUID, before: int | None) -> Sequence[Any]:
    """Return tries, newest first, from before a number on; raises Problem 404."""
    await webhook(connection, who, id_)
    found: Sequence[Any] = await connection.fetch(_ATTEMPTS, id_, LAST if before is None else before)
    return found


async def dead_letters(connection: Connection, who: Identity, id_: UUID, after: int) -> Sequence[Any]:
    """Return what was given up behind a position, in order; raises Problem 404."""
    await webhook(connection, who, id_)
    found: Sequence[Any] = await connection.fetch(_DEAD, id_, after)
    return found


async def want_again(connection: Connection, who: Identity, id_: UUID, wanted: WantedReplay) -> WantedRange:
    """Let one event, or a range of them, be sent once more, ahead of what is new.

    Raises:
        Problem: 404, there is no such webhook or event; 409, too many wait, or it was not sent yet; 422, it
            is said neither which event nor from where on.
    """
    await owned(connection, who, id_)
    reached = await connection.fetchval("select position from hook.endpoint where id = $1", id_)
    if (wanted.event is None) == (wanted.after is None):
        raise Problem(INVALID, errors=[{"pointer": "/after", "detail": "say either event or after"}])
    if wanted.event is not None:
        upto = await connection.fetchval("select hook.position_of($1)", wanted.event)
        if upto is None:
            raise Problem(NOT_FOUND, "There is no such event.")
        after = upto - 1
    else:
        after = int(wanted.after or 0)
        upto = reached if wanted.upto is None else min(wanted.upto, reached)
    if upto > reached or after >= upto:
        raise Problem(STILL_TO_COME)
    waiting = await connection.fetchval("select count(*) from hook.replay where endpoint = $1", id_)
    if waiting >= MOST_REPLAYS:
        raise Problem(TOO_MANY_REPLAYS)
    made = new_id()
    await connection.execute(_REPLAY, made, id_, after, upto)
    return WantedRange(made, after, upto)
