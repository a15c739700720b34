"""The rows that a batch begins with: loaded, or known because they were just written or are about to be."""

from collections.abc import Set as AbstractSet
from typing import Any

from sqlalchemy import Table

from kit.postgres.connect import Connection
from projections.applying.batch import Folded
from projections.applying.recent import Recent
from projections.applying.rows import load, shape
from projections.projection import RowKey

type Found = dict[RowKey, dict[str, Any]]


class StoredRows:
    """Rows as the events before a batch have left them.

    Args:
        connection: loads them; in no transaction.
        schema: where the tables are.
        recent: rows that need not be loaded; None: each is.
        over: what the events before come to, where that may not be written yet.
    """

    def __init__(
        self, connection: Connection, schema: str, recent: Recent | None, over: Folded | None
    ) -> None:
        self._connection = connection
        self._schema = schema
        self._recent = recent
        self._over = over

    async def light(self, table: Table, keys: AbstractSet[RowKey]) -> Found:
        """Return the light columns of the rows with these keys, where there are such rows."""
        over, names = self._changed(table, keys), shape(table).light
        keys = keys - over.keys()
        known = self._recent.known(table, keys) if self._recent else {}
        found = known | await load(self._connection, self._schema, table, keys - known.keys())
        return found | {key: {name: row.get(name) for name in names} for key, row in over.items() if row}

    async def heavy(self, table: Table, keys: AbstractSet[RowKey]) -> Found:
        """Return the key and the heavy columns of these rows; what was not set stays as it is stored."""
        over, is_ = self._changed(table, keys), shape(table)
        fresh = self._over.fresh[table] if self._over else frozenset()
        found = await load(self._connection, self._schema, table, keys - fresh, heavy=True)
        for key, row in over.items():
            if row is None:
                found.pop(key, None)
            else:
                before = found.get(key) or dict.fromkeys(is_.heavy)
                found[key] = before | {name: row[name] for name in is_.key + is_.heavy if name in row}
        return found

    def _changed(self, table: Table, keys: AbstractSet[RowKey]) -> dict[RowKey, dict[str, Any] | None]:
        if self._over is None:
            return {}
        changed = self._over.changed[table]
        return {key: changed[key] for key in keys & changed.keys()}
