"""Fills the slice of one very long stream: page by page, as it is done live, so that memory stays flat."""

from collections.abc import Sequence
from uuid import UUID

from events.codec import Codec
from kit.db import Connection
from projections.batch import by_position, fold, needed
from projections.digest import MODULUS, digest_of
from projections.generation import put_aside, skipped
from projections.pages import pages
from projections.projection import Projection
from projections.rows import REFUSALS, load, write
from projections.slices import GONE, Aborted, Slice, claim, mark
from projections.source import Broken, Item, decoded

_EVENTS = """
select position, stream, version, id, recorded_at, type, schema, meta, payload
  from log.event where stream = $1 and position <= $2 order by version"""


class LongStream:
    """Applies streams as the engine does it live, in one transaction.

    Args:
        connection: with the settings COPYING.
        projection: whose rows they are.
        schema: of the generation; its tables have their primary keys.
    """

    def __init__(self, connection: Connection, projection: Projection, schema: str) -> None:
        self._connection = connection
        self._projection = projection
        self._schema = schema
        self._parked: frozenset[UUID] = frozenset()

    async def fill(self, codec: Codec, slice_: Slice) -> int:
        """Write all rows of the slice and mark it, unless that was done before; return the count of events.

        Raises:
            Aborted: the generation has been dropped.
        """
        seen = 0
        digest = 0
        try:
            async with self._connection.transaction():
                if await claim(self._connection, self._schema, slice_.number):
                    passed_over = await skipped(self._connection, self._schema)
                    cursor = await self._connection.cursor(_EVENTS, slice_.lower, slice_.target)
                    async for rows in pages(self._connection, cursor):
                        items = list(decoded(rows, codec))
                        await self.apply([one for one in items if one.position not in passed_over])
                        seen += len(items)
                        digest = (digest + digest_of(by_position(items))) % MODULUS
                    await mark(self._connection, self._schema, slice_.number, seen, digest)
        except GONE:
            raise Aborted(self._schema) from None
        return seen

    async def apply(self, items: Sequence[Item]) -> None:
        """Apply a page; when a row is refused, halve the page until its event stands alone, and park that."""
        try:
            async with self._connection.transaction():
                await self._write(items)
        except REFUSALS as error:
            if len(items) == 1:
                one = items[0]
                why = f"{type(error).__name__}: {error}"[:500]
                await self._write([Broken(one.position, one.stream, one.id, why)])
                return
            middle = len(items) // 2
            await self.apply(items[:middle])
            await self.apply(items[middle:])

    async def _write(self, items: Sequence[Item]) -> None:
        loaded = {
            table: await load(self._connection, self._schema, table, keys)
            for table, keys in needed(self._projection, items).items()
        }
        folded = fold(self._projection, items, loaded, self._parked, tagged=False)
        for table, changed in folded.changed.items():
            if changed:
                await write(self._connection, self._schema, table, changed, folded.fresh[table])
        await put_aside(self._connection, self._schema, folded.parked)
        self._parked |= {one.stream for one in folded.parked}
