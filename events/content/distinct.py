"""What fields of short texts, each of them once, have in common: lines, or codes of a vocabulary."""

from typing import Annotated, Any, ClassVar

from events.base import IS_READ
from events.content.checks import FieldError
from events.content.field import ColumnType, Field, Filter, described


class Distinct(Field, frozen=True, kw_only=True):
    """A list of texts, each of them once."""

    most: int = 50
    """Texts at the most."""

    COLUMN: ClassVar[ColumnType] = "texts"
    FILTERS: ClassVar[frozenset[Filter]] = frozenset({"any", "contains"})

    @property
    def empty(self) -> tuple[str, ...]:
        return ()

    @property
    def _stored(self) -> Any:
        return Annotated[tuple[self._one, ...], described({"maxItems": self.most})]  # type: ignore[name-defined]

    @property
    def _one(self) -> Any:
        """The type of one of them as it is stored."""
        return str

    def _check(self, value: tuple[str, ...]) -> None:
        if not IS_READ.get():
            if len(value) > self.most:
                raise FieldError(f"must have at most {self.most} items")
            if len(set(value)) != len(value):
                raise FieldError("has an item twice")
        for number, one in enumerate(value):
            try:
                self._check_one(one)
            except ValueError as error:
                raise FieldError(str(error), f"/{number}") from error

    def _check_one(self, one: str) -> None:
        """Check one of them; raises ValueError when it may never be there."""
        raise NotImplementedError
