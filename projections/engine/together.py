"""Lets the read models at one place apply a page in one transaction, unless one of them is in trouble."""

from collections.abc import Awaitable, Callable, Sequence

import asyncpg
import structlog

from events.reading import Item
from kit.log.lease import Fenced
from kit.postgres.connect import Connection
from projections.applying.page_digest import PageDigest
from projections.applying.rows import REFUSALS
from projections.engine.commit import commit
from projections.engine.follower import Committed, Follower, Prepared

log = structlog.get_logger()

TROUBLE = (Fenced, asyncpg.PostgresError)
"""What concerns one read model while the others go on."""

type Troubled = Callable[[Follower, Exception], Awaitable[None]]
"""Told of what has happened to one follower; raises it when it concerns all of them."""


async def apply_page(
    connection: Connection,
    followers: Sequence[Follower],
    page: Sequence[Item],
    committed: Committed,
    troubled: Troubled,
) -> None:
    """Apply the beginning of a page to the tables of each follower, as much as there is time for.

    Those that have taken the same events are committed together. When that is refused, because of a row, a
    table or a term of one of them, nothing of it is written and each is committed alone.

    Args:
        connection: in no transaction.
        followers: all at the place behind which the page begins.
        page: at least one event.
        committed: told of each follower that has come further.
        troubled: told of each that has not.
    """
    digest = PageDigest()
    taken: dict[int, list[Prepared]] = {}
    for follower in followers:
        try:
            prepared = await follower.prepare(connection, page, digest)
        except TROUBLE as error:
            await troubled(follower, error)
        else:
            taken.setdefault(len(prepared.batch.events), []).append(prepared)
    for together in taken.values():
        if len(together) > 1 and await _at_once(connection, together, committed):
            continue
        for one in together:
            try:
                await one.follower.commit(connection, one, committed)
            except TROUBLE as error:
                await troubled(one.follower, error)


async def _at_once(connection: Connection, together: Sequence[Prepared], committed: Committed) -> bool:
    """Commit all of them in one transaction; False: it was refused, and nothing is written."""
    try:
        await commit(connection, together[0].follower.position, [one.move for one in together])
    except (*TROUBLE, *REFUSALS) as error:
        if not connection.is_closed():
            log.warning("projection.apart", error=f"{type(error).__name__}: {error}")
            return False
        for one in together:
            one.follower.failed(one)
        raise
    except BaseException:
        for one in together:
            one.follower.failed(one)
        raise
    for one in together:
        await one.follower.committed_with_others(one, committed)
    return True
