"""What every type of field can do: check a value, name its forms, and say what lists do with it."""

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import Any, ClassVar, Literal, NamedTuple
from uuid import UUID

import msgspec

from events.content.checks import FieldError, converter

type Filter = Literal["any", "range", "flag", "contains"]
"""What a parameter of a list asks for: one of these values, between two, yes or no, all of these."""

type Said = Literal["unknown", "none"]
"""What may stand in the place of a value: nobody knows it, or there is none. Null: nobody has said yet."""

type ColumnType = Literal["text", "texts", "ids", "whole", "number", "day", "flag", "json", "key"]
"""What a column of a list holds: "ids" are of entries, "key" is the place of a line in the order of its
language."""


class ListColumn(NamedTuple):
    """A column that lists need for a field."""

    name: str
    type: ColumnType


class Name(NamedTuple):
    """Another entry that a value names."""

    pointer: str
    """Where in the value, as a JSON pointer; empty: all of it."""
    entry: UUID
    kinds: tuple[str, ...]
    """Names of the kinds of which it has to be one."""


class TermName(NamedTuple):
    """A term of a vocabulary that a value names."""

    pointer: str
    """Where in the value, as a JSON pointer; empty: all of it."""
    vocabulary: str
    code: str


class Named(msgspec.Struct, frozen=True):
    """Something with a name that stands in stored events: it is chosen once."""

    name: str


class Field(Named, frozen=True, kw_only=True, dict=True):
    """A field of a kind. The subclasses are the types; what they add is said there."""

    ru: str = ""
    """Its label in Russian."""
    en: str = ""
    """Its label in English; the name in plain letters when it is left out."""
    help_ru: str = ""
    help_en: str = ""
    """What an editor has to know to fill it in."""
    needed: bool = False
    """Whether a revision needs it before readers may see it."""
    since: int = 1
    """The first schema of the kind's content that has it."""
    listed: bool = False
    """Whether an item of a list shows it."""
    filter: Filter | None = None
    """What a parameter of lists asks of it."""
    parameter: str = ""
    """Name of that parameter; left out: the name of the field."""
    sorts: bool = False
    """Whether lists can be sorted by it."""
    may_be: tuple[Said, ...] = ()
    """What may be said instead of a value."""
    example: Any = None
    """A value that the documents of the interface show, as JSON."""

    COLUMN: ClassVar[ColumnType] = "json"
    """What the column of a list holds that shows it."""
    FILTERS: ClassVar[frozenset[Filter]] = frozenset()
    """Filters that this type knows."""
    SORTS: ClassVar[bool] = False
    """Whether lists can be sorted by fields of this type."""
    LISTED_TO_FILTER: ClassVar[bool] = True
    """Whether lists show what they filter by: it stands in a column of theirs."""
    MAY_BE: ClassVar[bool] = False
    """Whether fields of this type can be unknown, or have no value."""
    CHECKED_WHEN_READ: ClassVar[bool] = False
    """Whether a value of the type that is stored may be one that nothing can be made of."""

    def __post_init__(self) -> None:
        cls = type(self).__name__
        if self.filter is not None and self.filter not in self.FILTERS:
            raise ValueError(f"{self.name}: a {cls} has no filter {self.filter}")
        if self.sorts and not self.SORTS:
            raise ValueError(f"{self.name}: lists are not sorted by a {cls}")
        if self.may_be and not self.MAY_BE:
            raise ValueError(f"{self.name}: a {cls} has a value or is empty")
        if (self.filter or self.sorts) and not self.listed and self.LISTED_TO_FILTER:
            raise ValueError(f"{self.name}: what a list filters or sorts by, it shows")

    def means(self) -> dict[str, Any]:
        """Return what of this field changes what is stored and shown: all but words for people."""
        words = {"ru", "en", "help_ru", "help_en", "needed", "example"}
        return {name: getattr(self, name) for name in self.__struct_fields__ if name not in words}

    @property
    def lacking(self) -> str:
        """What is said of a needed field that is empty."""
        return "is needed before publication"

    @property
    def label(self) -> str:
        """The English label."""
        return self.en or self.name.replace("_", " ").capitalize()

    @cached_property
    def stored(self) -> Any:
        """The type of the value in a stored event, for msgspec."""
        type_ = self._stored
        if self.may_be and type_ is not str:
            type_ |= Literal[self.may_be]
        return type_ if self.empty is not None else type_ | None

    @cached_property
    def typed(self) -> Callable[[Any], Any]:
        """Turns a JSON value into that type, whatever the rules; FieldError when it has another."""
        return converter(self.stored)

    @property
    def empty(self) -> Any:
        """What the field holds when nobody has said anything."""
        return None

    @property
    def sample(self) -> Any:
        """An example as JSON."""
        return self.sample_of_type if self.example is None else self.example

    def admit(self, value: Any) -> Any:
        """Return a JSON value in the type that is stored.

        Raises:
            FieldError: the field may never hold it.
        """
        typed = self.typed(value)
        self.check(typed)
        return typed

    def check(self, value: Any) -> None:
        """Check a value of the type that is stored; of one that is read, only whether it means something.

        Raises:
            FieldError: the field may never hold it.
        """
        if value == self.empty or value in self.may_be:
            return
        try:
            self._check(value)
        except FieldError:
            raise
        except ValueError as error:
            raise FieldError(str(error).removeprefix(f"{self.name} ")) from error

    def merged(self, _before: Any, given: Any) -> Any:
        """Return the JSON value after a change; a type may keep parts of the value before."""
        return given

    def kept(self, before: Any, given: Any) -> Any:
        """Return the JSON value that is stored after a change.

        Raises:
            FieldError: the field may never hold what is given.
        """
        return self.spelt(self.admit(self.merged(before, given)))

    def spelt(self, value: Any) -> Any:
        """Return a value of the type that is stored as JSON."""
        return msgspec.json.decode(msgspec.json.encode(value))

    def is_empty(self, value: Any) -> bool:
        """Tell whether a JSON value says nothing; "unknown" says something."""
        return value is None or value in ("", [], {})

    def names_fields(self, _value: Any) -> frozenset[str]:
        """Return the fields of the kind that a stored value names."""
        return frozenset()

    @property
    def names_entries(self) -> bool:
        """Whether values of this field may name other entries."""
        return False

    def names(self, _value: Any) -> Iterable[Name]:
        """Return the entries that a JSON value names, each as often as it does; "unknown" names none."""
        return ()

    @property
    def names_terms(self) -> bool:
        """Whether values of this field may name terms of vocabularies."""
        return False

    def terms(self, _value: Any) -> Iterable[TermName]:
        """Return the terms that a JSON value names, each as often as it does; "unknown" names none."""
        return ()

    @property
    def columns(self) -> tuple[ListColumn, ...]:
        """The columns of a list: what it shows, and what it compares. The first has the field's name."""
        return (ListColumn(self.name, self.COLUMN),) if self.listed else ()

    def row(self, value: Any) -> dict[str, Any]:
        """Return what those columns hold for a JSON value."""
        return {self.name: value} if self.listed else {}

    @property
    def sort_keys(self) -> tuple[str, ...]:
        """The columns that a list is sorted by; all of them are null where there is no value."""
        return (self.name,)

    @property
    def range_keys(self) -> tuple[str, str]:
        """The columns that hold the least and the greatest value; a range filter asks for overlap."""
        return (self.name, self.name)

    @property
    def parameters(self) -> tuple[str, ...]:
        """The query parameters of its filter: one, or none."""
        return () if self.filter is None else (self.parameter or self.name,)

    @property
    def _stored(self) -> Any:
        raise NotImplementedError

    @property
    def sample_of_type(self) -> Any:
        """An example of the type, where the field has none of its own."""
        raise NotImplementedError

    def _check(self, value: Any) -> None:
        raise NotImplementedError


def described(members: Mapping[str, Any], about: str = "") -> Any:
    """Return a JSON Schema for msgspec that says more than the type does, and refuses nothing."""
    return msgspec.Meta(description=about or None, extra_json_schema=dict(members))
