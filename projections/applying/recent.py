"""Rows that a follower wrote just now: while it leads, nobody else changes them, so it need not load them."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Table

from projections.applying.rows import shape
from projections.projection import RowKey

ROWS = 64
"""So many are kept: of the entries that somebody is working on, not of all."""

BATCH = 8
"""Events of the largest batch whose rows are kept; one that catches up meets few of its rows again."""


class Recent:
    """The last rows of one term, as they were committed. They are forgotten when the next term begins.

    A commit that failed leaves them true: it is rolled back, or its connection is lost, and the term with it.
    """

    def __init__(self) -> None:
        self._rows: dict[tuple[Table, RowKey], dict[str, Any]] = {}

    def known(self, table: Table, keys: Iterable[RowKey]) -> dict[RowKey, dict[str, Any]]:
        """Return the rows that are known, as they would be loaded."""
        return {key: row for key in keys if (row := self._rows.get((table, key))) is not None}

    def wrote(self, changed: Mapping[Table, Mapping[RowKey, Mapping[str, Any] | None]], events: int) -> None:
        """Note what a batch of so many events has written; None: removed."""
        if events > BATCH:
            self.forget()
            return
        for table, rows in changed.items():
            for key, row in rows.items():
                self._rows.pop((table, key), None)
                if row is not None:
                    self._rows[table, key] = {name: row.get(name) for name in shape(table).light}
        while len(self._rows) > ROWS:
            del self._rows[next(iter(self._rows))]

    def forget(self) -> None:
        """Let every row be loaded again."""
        self._rows.clear()
