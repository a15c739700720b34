"""Lets the read models at one place apply a page in one transaction, unless one of them is in trouble."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple

import asyncpg
import structlog

from events.reading import Item
from kit.log.lease import Fenced
from kit.postgres.connect import Connection
from kit.running.ending import end
from projections.applying.page_digest import PageDigest
from projections.applying.rows import REFUSALS
from projections.engine.commit import commit
from projections.engine.follower import BATCH, PIECES, Committed, Follower, Prepared

log = structlog.get_logger()

TROUBLE = (Fenced, asyncpg.PostgresError)
"""What concerns one read model while the others go on."""

type Troubled = Callable[[Follower, Exception], Awaitable[None]]
"""Told of what has happened to one follower; raises it when it concerns all of them."""


class PageConnections(NamedTuple):
    """What followers use; one for both where nobody catches up."""

    writing: Connection
    """Holds the leases, and commits."""
    reading: Connection
    """Loads rows, also while the other one commits."""


async def apply_page(
    connections: PageConnections,
    followers: Sequence[Follower],
    page: Sequence[Item],
    committed: Committed,
    troubled: Troubled,
    *,
    piece: int = BATCH,
) -> None:
    """Apply the beginning of a page to the tables of each follower, as much as there is time for.

    Those that have taken the same events are committed together. When that is refused, because of a row, a
    table or a term of one of them, nothing of it is written and each is committed alone.

    With two connections a long page is applied piece by piece, and each piece is prepared while the one
    before is committed: over what that one comes to. When its commit fails, what was prepared is dropped.

    Args:
        connections: in no transaction.
        followers: all at the place behind which the page begins.
        page: at least one event.
        committed: told of each follower that has come further.
        troubled: told of each that has not.
        piece: events of a piece.
    """
    await _Pieces(connections, followers, committed, troubled).apply(page, piece)


class _Taken(NamedTuple):
    """What the followers have made of a piece."""

    groups: list[list[Prepared]]
    """Those of each have taken the same events."""
    troubles: list[tuple[Follower, Exception]]

    def is_whole(self, count: int) -> bool:
        """Tell whether all of them have taken so many events: then the next piece can be prepared."""
        return not self.troubles and len(self.groups) == 1 and len(self.groups[0][0].batch.events) == count


class _Pieces:
    """Applies the pieces of one page."""

    def __init__(
        self,
        connections: PageConnections,
        followers: Sequence[Follower],
        committed: Committed,
        troubled: Troubled,
    ) -> None:
        self._writing, self._reading = connections
        self._followers = followers
        self._committed = committed
        self._troubled = troubled

    async def apply(self, page: Sequence[Item], piece: int) -> None:
        before: list[Prepared] = []
        committing: asyncio.Task[bool] | None = None
        alone = self._writing is self._reading
        try:
            for number in range(1, PIECES + 1):
                taken = await self._prepare(page[:piece], before)
                if committing is not None:
                    went_well = await committing
                    committing = None
                    if not went_well:
                        await self._alone(before)
                        return
                    await self._arrived(before)
                if alone or number == PIECES or len(page) <= piece or not taken.is_whole(piece):
                    await self._commit(taken)
                    return
                before, page = taken.groups[0], page[piece:]
                committing = asyncio.create_task(self._at_once(before))
        finally:
            if committing is not None:
                await end(committing)

    async def _prepare(self, page: Sequence[Item], before: Sequence[Prepared]) -> _Taken:
        """Let each follower make of the beginning of a page what is to be written."""
        digest = PageDigest()
        over = {one.follower.schema: one for one in before}
        groups: dict[int, list[Prepared]] = {}
        troubles: list[tuple[Follower, Exception]] = []
        for follower in self._followers:
            try:
                prepared = await follower.prepare(self._reading, page, digest, over.get(follower.schema))
            except TROUBLE as error:
                if self._reading.is_closed():
                    raise
                troubles.append((follower, error))
            else:
                groups.setdefault(len(prepared.batch.events), []).append(prepared)
        return _Taken(list(groups.values()), troubles)

    async def _commit(self, taken: _Taken) -> None:
        for follower, error in taken.troubles:
            await self._troubled(follower, error)
        for together in taken.groups:
            if len(together) > 1 and await self._at_once(together):
                await self._arrived(together)
            else:
                await self._alone(together)

    async def _at_once(self, together: Sequence[Prepared]) -> bool:
        """Commit all of them in one transaction; False: it was refused, and nothing is written."""
        try:
            await commit(self._writing, together[0].follower.position, [one.move for one in together])
        except (*TROUBLE, *REFUSALS) as error:
            if not self._writing.is_closed():
                log.warning("projection.apart", error=f"{type(error).__name__}: {error}")
                return False
            self._failed(together)
            raise
        except BaseException:
            self._failed(together)
            raise
        return True

    def _failed(self, together: Sequence[Prepared]) -> None:
        for one in together:
            one.follower.failed(one)

    async def _arrived(self, together: Sequence[Prepared]) -> None:
        for one in together:
            await one.follower.committed_with_others(one, self._committed)

    async def _alone(self, together: Sequence[Prepared]) -> None:
        """Commit each of them by itself."""
        for one in together:
            try:
                await one.follower.commit(self._writing, one, self._committed)
            except TROUBLE as error:
                await self._troubled(one.follower, error)
