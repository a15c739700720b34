"""Which entry a slug leads to: its owner, from the claim on until it is released."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Table

from events.base import Recorded
from projections.projection import Delete, Put, RowChange, Rows


class Addresses:
    """The handlers of slugs, for all kinds.

    Args:
        table: of addresses.
    """

    def __init__(self, table: Table) -> None:
        self._table = table

    def claimed(self, recorded: Recorded[Any], _rows: Rows) -> Iterable[RowChange]:
        event = recorded.event
        key = {"kind": event.kind, "slug": event.slug, "locale": event.locale or ""}
        return (Put(self._table, {**key, "entry": event.owner}),)

    def released(self, recorded: Recorded[Any], _rows: Rows) -> Iterable[RowChange]:
        event = recorded.event
        return (Delete(self._table, (event.kind, event.slug, event.locale or "")),)
