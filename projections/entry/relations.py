"""What the content of a revision says of other entries, as rows that both ends find."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Table

from kit.ids import parse_id
from projections.projection import Delete, New, Put, Row, RowChange


class NamedEntry(NamedTuple):
    """An entry that a revision names."""

    field: str
    target: UUID
    item: dict[str, Any] | None
    """What the item that names it says beside, but for other entries: readers may not see those.

    None: the field names an entry alone.
    """


def relations(fields: Mapping[str, tuple[str, ...]], content: Mapping[str, Any]) -> Iterator[NamedEntry]:
    """Yield what the content of a revision says of other entries, in the order of fields and items.

    Args:
        fields: field that names entries → members of an item that do; () where the field itself does.
        content: JSON values.
    """
    for field, members in fields.items():
        if not members:
            if (target := _target(content[field])) is not None:
                yield NamedEntry(field, target, None)
            continue
        for item in content[field]:
            targets = {name: target for name in members if (target := _target(item.get(name))) is not None}
            beside = {name: value for name, value in item.items() if name not in targets}
            for target in targets.values():
                yield NamedEntry(field, target, beside)


def shown(table: Table, row: Row, found: list[NamedEntry]) -> Iterator[RowChange]:
    """Yield the changes that leave these relations of an entry, and no others.

    Args:
        table: of relations.
        row: the entry before; `related` says how many there are.
        found: what readers see from now on; empty: nothing.
    """
    entry = row["id"]
    for number, one in enumerate(found):
        columns = {"field": one.field, "target": one.target, "item": one.item}
        yield Put(table, {"entry": entry, "number": number, **columns})
    for number in range(len(found), len(row["related"] or ())):
        yield Delete(table, (entry, number))


class DraftRelations:
    """What the newest revision of an entry names in its fields, as rows: who is named finds his namers there.

    Args:
        table: of these rows.
        fields: as `relations` takes them; empty: nothing is ever done.
    """

    def __init__(self, table: Table, fields: Mapping[str, tuple[str, ...]]) -> None:
        self._table = table
        self._fields = fields

    def first(self, entry: UUID, content: Mapping[str, Any]) -> Iterator[RowChange]:
        """Yield the rows of a new entry."""
        for field, target in self._pairs(content):
            yield New(self._table, {"entry": entry, "field": field, "target": target})

    def next(
        self, entry: UUID, changed: Collection[str], before: Mapping[str, Any], content: Mapping[str, Any]
    ) -> Iterator[RowChange]:
        """Yield the changes that one more revision makes.

        Args:
            entry: its id.
            changed: fields that the revision changed.
            before: the content until now.
            content: the content of the revision.
        """
        if self._fields.keys().isdisjoint(changed):
            return
        old, new = self._pairs(before), self._pairs(content)
        for field, target in new.keys() - old.keys():
            yield Put(self._table, {"entry": entry, "field": field, "target": target})
        for field, target in old.keys() - new.keys():
            yield Delete(self._table, (entry, field, target))

    def _pairs(self, content: Mapping[str, Any]) -> dict[tuple[str, UUID], None]:
        return dict.fromkeys((one.field, one.target) for one in relations(self._fields, content))


def _target(value: Any) -> UUID | None:
    """Return the id that a value is; "unknown" and "none" are none."""
    return parse_id(value) if isinstance(value, str) else None
