"""Given the events of a log, the rows that they leave behind."""

from typing import Any

from projections.applying.batch import fold
from projections.catalog import PROJECTIONS
from read_side.entry.kinds import ENTRIES
from read_side.entry.parts import put_together
from tests.projections.lives import Article, Log

PROJECTION = PROJECTIONS[0]
ENTRY, REVISION, ADDRESS = ENTRIES.tables[:3]
FACETS = ENTRIES.tables.facets["article"]


class Given:
    """Rows that the events of a log leave behind, as the engine folds them."""

    def __init__(self, log: Log) -> None:
        folded = fold(PROJECTION, log.events, {}, frozenset())
        assert folded.parked == []
        self.rows = {
            table: {key: row for key, row in rows.items() if row is not None}
            for table, rows in folded.changed.items()
        }

    def entry(self, one: Article) -> dict[str, Any]:
        return self.rows[ENTRY][one.id,]

    def state(self, one: Article) -> tuple[Any, ...]:
        row = self.entry(one)
        return row["draft"], row["submitted"], row["publication"], row["pinned"]

    def revision(self, one: Article, number: int) -> dict[str, Any]:
        return self.rows[REVISION][one.id, number]

    def text(self, one: Article, number: int) -> str:
        """Return the long text of a revision, put together."""
        row = self.revision(one, number)
        rows = [self.revision(one, held) for held in range(row["body_base"], row["body_revision"] + 1)]
        return put_together((held["body"], held["parts"]) for held in rows)

    def listed(self, one: Article) -> dict[str, Any] | None:
        return self.rows[FACETS].get((one.id,))
