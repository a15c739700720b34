"""Fields of one plain value: a flag, a count, a reference to another entry."""

import re
from collections.abc import Iterable
from typing import Annotated, Any, ClassVar

from events.base import IS_READ
from events.content.checks import FieldError
from events.content.field import ColumnType, Field, Filter, ListColumn, Name, described
from events.content.ranges import RangeField
from kit.ids import parse_id

MAX_COUNT = 2**53
"""The greatest count: every client reads it exactly."""

_WHOLE = re.compile(r"0|[1-9][0-9]{0,15}")


class FlagField(Field, frozen=True, kw_only=True):
    """Yes or no, or null while nobody has said."""

    FILTERS: ClassVar[frozenset[Filter]] = frozenset({"flag"})
    MAY_BE: ClassVar[bool] = True

    @property
    def columns(self) -> tuple[ListColumn, ...]:
        if not self.listed:
            return ()
        plain = (ListColumn(f"{self.name}_is", "flag"),) if self.filter else ()
        return (ListColumn(self.name, "json"), *plain)

    def row(self, value: Any) -> dict[str, Any]:
        if not self.listed:
            return {}
        plain = {f"{self.name}_is": value if isinstance(value, bool) else None} if self.filter else {}
        return {self.name: value} | plain

    @property
    def _stored(self) -> Any:
        return bool

    @property
    def sample_of_type(self) -> Any:
        return True

    def _check(self, value: Any) -> None:
        if not isinstance(value, bool):
            raise FieldError("must be true or false")


class CountField(RangeField, frozen=True, kw_only=True):
    """A whole number of things."""

    least: int = 0
    most: int = MAX_COUNT

    COMPARED: ClassVar[ColumnType] = "whole"
    BOUNDS: ClassVar[tuple[str, str]] = ("value", "value")
    RANGES: ClassVar[str] = "10..100, 10.., ..100 or 10"
    EXAMPLE: ClassVar[str] = "10.."

    def bounds(self, value: Any) -> tuple[int | None, int | None]:
        found = value if isinstance(value, int) else None
        return found, found

    def ends(self, first: str, last: str) -> tuple[int | None, int | None]:
        return _count(first), _count(last)

    @property
    def _stored(self) -> Any:
        return Annotated[int, described({"minimum": self.least, "maximum": self.most})]

    @property
    def sample_of_type(self) -> Any:
        return max(self.least, 1)

    def _check(self, value: Any) -> None:
        if not IS_READ.get() and not self.least <= value <= self.most:
            raise FieldError(f"must be at least {self.least:,} and at most {self.most:,}")


def _count(text: str) -> int | None:
    """Return a bound of counts; None where there is none."""
    if not text:
        return None
    if not _WHOLE.fullmatch(text) or int(text) > MAX_COUNT:
        raise FieldError(f"must be whole numbers of at most {MAX_COUNT:,}, such as {CountField.RANGES}")
    return int(text)


class ReferenceField(Field, frozen=True, kw_only=True):
    """Another entry, by its id; readers see it while both are published."""

    kinds: tuple[str, ...]
    """Names of the kinds that it may be of."""

    COLUMN: ClassVar[ColumnType] = "text"
    FILTERS: ClassVar[frozenset[Filter]] = frozenset({"any"})
    MAY_BE: ClassVar[bool] = True

    @property
    def _stored(self) -> Any:
        return str

    @property
    def sample_of_type(self) -> Any:
        return "5b0f7a52-8f0e-5d55-8a1b-6f3d2e9c7a10"

    @property
    def names_entries(self) -> bool:
        return True

    def names(self, value: Any) -> Iterable[Name]:
        entry = parse_id(value) if isinstance(value, str) else None
        return () if entry is None else (Name("", entry, self.kinds),)

    def _check(self, value: str) -> None:
        if not IS_READ.get() and str(parse_id(value)) != value:
            raise FieldError("must be a UUID of 36 characters in small letters")
