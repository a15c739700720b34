"""What fields have in common whose value lies between two bounds: lists compare both of them."""

import re
from typing import Any, ClassVar

from events.content.checks import FieldError
from events.content.field import ColumnType, Field, Filter, ListColumn

_DOTS = re.compile(r"(?<!/)\.\.(?!/)")
"""Between the ends of a range; beside a slash they are the open end of a partial date."""


class RangeField(Field, frozen=True, kw_only=True):
    """A field that lists are sorted by, and filtered by overlap."""

    FILTERS: ClassVar[frozenset[Filter]] = frozenset({"range"})
    SORTS: ClassVar[bool] = True
    MAY_BE: ClassVar[bool] = True
    COMPARED: ClassVar[ColumnType]
    """What the columns of its bounds hold."""
    BOUNDS: ClassVar[tuple[str, str]]
    """How they are called, behind the name of the field."""
    RANGES: ClassVar[str]
    """Ranges as a query may write them, for people."""
    EXAMPLE: ClassVar[str]
    """One of them."""

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

    @property
    def about_ranges(self) -> str:
        """What else has to be known to write a range; empty: nothing."""
        return ""

    def span(self, text: str) -> tuple[Any, Any]:
        """Return the least and the greatest that a range asks for; None: it has no such end.

        Args:
            text: `least..greatest`, `least..`, `..greatest`, or one value alone.

        Raises:
            FieldError: it is no range of such values.
        """
        first, *others = _DOTS.split(text)
        if len(others) > 1 or (others and not first and not others[0]):
            raise FieldError(f"must look like {self.RANGES}")
        least, greatest = self.ends(first, others[0] if others else first)
        if least is not None and greatest is not None and greatest < least:
            raise FieldError("must not end before it begins")
        return least, greatest

    def ends(self, first: str, last: str) -> tuple[Any, Any]:
        """Return the least that the first end can mean, the greatest that the last one can; None: empty.

        Raises:
            FieldError: one of them is no value of this field.
        """
        raise NotImplementedError
