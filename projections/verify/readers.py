"""Checks that every reader of the log has seen exactly what the log holds up to its cursor."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from kit.log.digest import MODULUS, digest_of
from kit.postgres.connect import Connection
from projections.verify.verdict import Mistakes, Page, Verdict

_CURSORS = """
select c.schema, c.position, c.seen, c.digest, c.event, g.schema is not null as keeps_digest
  from project.cursor c left join project.generation g using (schema)
 order by c.position"""


class Readers:
    """Count, digest and last event of each cursor are those of the log."""

    def __init__(self, cursors: Sequence[Any], head: int) -> None:
        self._waiting = [row for row in cursors if row["position"] > 0]
        self._count = len(cursors)
        self._digest = 0
        self._wrong = Mistakes()
        for row in cursors:
            if row["seen"] != row["position"]:
                self._wrong.add(f"{row['schema']} is at {row['position']} and has seen {row['seen']} events")
            if row["position"] > head:
                self._wrong.add(f"{row['schema']} is at {row['position']}, the log ends at {head}")

    @staticmethod
    async def cursors(connection: Connection) -> list[Any]:
        """Return the cursors as they are now; the head must be asked for afterwards."""
        rows: list[Any] = await connection.fetch(_CURSORS)
        return rows

    def take(self, page: Page) -> None:
        seen: list[tuple[int, UUID]] = [(row["position"], row["id"]) for row in page.rows]
        done = 0
        while self._waiting and self._waiting[0]["position"] <= seen[-1][0]:
            reader = self._waiting.pop(0)
            upto = next(n for n, (position, _) in enumerate(seen, 1) if position >= reader["position"])
            self._add(seen[done:upto])
            done = max(done, upto)
            self._compare(reader, seen[upto - 1][1])
        self._add(seen[done:])

    def _add(self, seen: Sequence[tuple[int, UUID]]) -> None:
        self._digest = (self._digest + digest_of(seen)) % MODULUS

    def _compare(self, reader: Any, last: UUID) -> None:
        if reader["keeps_digest"] and reader["digest"] != Decimal(self._digest):
            self._wrong.add(f"{reader['schema']} has seen other events than the log holds")
        elif reader["event"] is not None and reader["event"] != last:
            self._wrong.add(f"{reader['schema']} has another event at {reader['position']} than the log")

    def verdict(self) -> Verdict:
        return self._wrong.verdict("readers", f"{self._count} readers have seen what the log holds")
