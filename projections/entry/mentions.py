"""What entries point to that is no relation, as rows: links of texts, originals of translations, pictures."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Table

from events.entry import SOURCE
from projections.projection import Delete, New, Put, RowChange
from read_side.entry.kind import LONG, PICTURES, KindView

type Links = Sequence[str] | None
"""Where a text leads, as the table of revisions has it; None: there is no text."""

type Original = Mapping[str, Any] | None
"""What a text was translated from, if it was."""


class Mentions:
    """The rows of a kind, of drafts and of what readers see: who is pointed to finds there by whom.

    Args:
        table: of these rows.
        kind: the kind; one without texts, originals and pictures has none.
    """

    def __init__(self, table: Table, kind: KindView) -> None:
        self._table = table
        self._fields = [LONG] * kind.has_body + [SOURCE] * kind.localized + [PICTURES] * kind.has_pictures

    def first(
        self, entry: UUID, links: Links, source: Original, content: Mapping[str, Any]
    ) -> Iterator[RowChange]:
        """Yield the rows of a new entry.

        Args:
            entry: its id.
            links: where its text leads, as the table of revisions has it; None: it has no text.
            source: what it was translated from, if it was.
            content: its small fields.
        """
        for field, targets in self._targets(links, source, content).items():
            if targets:
                yield New(self._table, self._row(entry, field, targets, shown=False))

    def next(
        self,
        entry: UUID,
        changed: Collection[str],
        links: Links,
        source: Original,
        content: Mapping[str, Any],
    ) -> Iterator[RowChange]:
        """Yield the changes that one more revision makes in what it changed."""
        for field, targets in self._targets(links, source, content).items():
            if field in changed:
                yield self._put(entry, field, targets, shown=False)

    def shown(
        self, entry: UUID, links: Links, source: Original, content: Mapping[str, Any]
    ) -> Iterator[RowChange]:
        """Yield the changes that make these the rows of what readers see."""
        for field, targets in self._targets(links, source, content).items():
            yield self._put(entry, field, targets, shown=True)

    def hidden(self, entry: UUID) -> Iterator[RowChange]:
        """Yield the changes after which readers see nothing of an entry."""
        for field in self._fields:
            yield Delete(self._table, (entry, field, True))

    def _targets(self, links: Links, source: Original, content: Mapping[str, Any]) -> Mapping[str, list[str]]:
        pictures = dict.fromkeys(one["media"] for one in content.get(PICTURES) or ())
        every = {
            LONG: list(links or ()),
            SOURCE: [] if source is None else [str(source["entry"])],
            PICTURES: list(pictures),
        }
        return {field: every[field] for field in self._fields}

    def _put(self, entry: UUID, field: str, targets: list[str], *, shown: bool) -> RowChange:
        if not targets:
            return Delete(self._table, (entry, field, shown))
        return Put(self._table, self._row(entry, field, targets, shown=shown))

    def _row(self, entry: UUID, field: str, targets: list[str], *, shown: bool) -> dict[str, Any]:
        return {"entry": entry, "field": field, "shown": shown, "targets": targets}
