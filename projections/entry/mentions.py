"""What entries point to beside their fields, as rows: links of texts, and what a text was translated from."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Table

from events.entry import SOURCE
from projections.projection import Delete, New, Put, RowChange
from read_side.entry.kind import LONG, KindView


class Mentions:
    """The rows of a kind, of drafts and of what readers see: who is pointed to finds there by whom.

    Args:
        table: of these rows.
        kind: the kind; one without texts and originals has none.
    """

    def __init__(self, table: Table, kind: KindView) -> None:
        self._table = table
        self._fields = ([LONG] if kind.has_body else []) + ([SOURCE] if kind.localized else [])

    def first(
        self, entry: UUID, links: Sequence[str] | None, source: Mapping[str, Any] | None
    ) -> Iterator[RowChange]:
        """Yield the rows of a new entry.

        Args:
            entry: its id.
            links: where its text leads, as the table of revisions has it; None: it has no text.
            source: what it was translated from, if it was.
        """
        for field, targets in self._targets(links, source).items():
            if targets:
                yield New(self._table, self._row(entry, field, targets, shown=False))

    def next(
        self,
        entry: UUID,
        changed: Collection[str],
        links: Sequence[str] | None,
        source: Mapping[str, Any] | None,
    ) -> Iterator[RowChange]:
        """Yield the changes that one more revision makes in what it changed."""
        for field, targets in self._targets(links, source).items():
            if field in changed:
                yield self._put(entry, field, targets, shown=False)

    def shown(
        self, entry: UUID, links: Sequence[str] | None, source: Mapping[str, Any] | None
    ) -> Iterator[RowChange]:
        """Yield the changes that make these the rows of what readers see."""
        for field, targets in self._targets(links, source).items():
            yield self._put(entry, field, targets, shown=True)

    def hidden(self, entry: UUID) -> Iterator[RowChange]:
        """Yield the changes after which readers see nothing of an entry."""
        for field in self._fields:
            yield Delete(self._table, (entry, field, True))

    def _targets(
        self, links: Sequence[str] | None, source: Mapping[str, Any] | None
    ) -> Mapping[str, list[str]]:
        every = {LONG: list(links or ()), SOURCE: [] if source is None else [str(source["entry"])]}
        return {field: every[field] for field in self._fields}

    def _put(self, entry: UUID, field: str, targets: list[str], *, shown: bool) -> RowChange:
        if not targets:
            return Delete(self._table, (entry, field, shown))
        return Put(self._table, self._row(entry, field, targets, shown=shown))

    def _row(self, entry: UUID, field: str, targets: list[str], *, shown: bool) -> dict[str, Any]:
        return {"entry": entry, "field": field, "shown": shown, "targets": targets}
