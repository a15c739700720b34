"""What fields have in common whose value lies between two bounds: lists compare both of them."""

from typing import Any, ClassVar

from events.content.field import ColumnType, Field, Filter, ListColumn


class RangeField(Field, frozen=True, kw_only=True):
    """A field that lists are sorted by, and filtered by overlap."""

    FILTERS: ClassVar[frozenset[Filter]] = frozenset({"range"})
    SORTS: ClassVar[bool] = True
    MAY_BE: ClassVar[bool] = True
    COMPARED: ClassVar[ColumnType]
    """What the columns of its bounds hold."""
    BOUNDS: ClassVar[tuple[str, str]]
    """How they are called, behind the name of the field."""

    @property
    def columns(self) -> tuple[ListColumn, ...]:
        bounds = dict.fromkeys(self.range_keys) if self.filter or self.sorts else ()
        return (*super().columns, *(ListColumn(name, self.COMPARED) for name in bounds if self.listed))

    def row(self, value: Any) -> dict[str, Any]:
        compared = self.listed and (self.filter or self.sorts)
        return super().row(value) | (
            dict(zip(self.range_keys, self.bounds(value), strict=True)) if compared else {}
        )

    def bounds(self, value: Any) -> tuple[Any, Any]:
        """Return the least and the greatest that a JSON value can mean; None where there is no value."""
        raise NotImplementedError

    @property
    def sort_keys(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self.range_keys))

    @property
    def range_keys(self) -> tuple[str, str]:
        return f"{self.name}_{self.BOUNDS[0]}", f"{self.name}_{self.BOUNDS[1]}"
