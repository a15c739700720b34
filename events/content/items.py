"""Fields of lists of items, and relations: an item has a key, by which it is known and compared."""

from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Any, ClassVar

import msgspec

from events.base import IS_READ
from events.content.checks import FieldError
from events.content.field import Field, Filter, ListColumn, Name, TermName
from events.content.plain import ReferenceField


class Items(Field, frozen=True, kw_only=True):
    """A list of items with members."""

    most: int = 200
    """Items at the most."""
    key: tuple[str, ...] = ()
    """Members by which an item is known: two items never have the same. None: all members together."""

    @property
    def empty(self) -> tuple[Any, ...]:
        return ()

    def _check(self, value: tuple[Any, ...]) -> None:
        for number, item in enumerate(value):
            try:
                self._check_item(item)
            except FieldError as error:
                raise FieldError(error.detail, f"/{number}{error.pointer}") from error
        if IS_READ.get():
            return
        if len(value) > self.most:
            raise FieldError(f"must have at most {self.most} items")
        known = set()
        for number, item in enumerate(value if self.key else ()):
            key = tuple(getattr(item, name) for name in self.key)
            if key in known:
                raise FieldError("is there already", f"/{number}")
            known.add(key)

    def _check_item(self, item: Any) -> None:
        raise NotImplementedError


class RelationsField(Items, frozen=True, kw_only=True):
    """What an entry has to do with others: items of fields, known by the fields of their key."""

    item: str
    """Name of an item in the documents of the interface, such as "Operator"."""
    fields: tuple[Field, ...]
    """The members of an item; a needed one has to be there, or the item is refused."""
    any_of: tuple[str, ...] = ()
    """Members of which an item has at least one."""

    FILTERS: ClassVar[frozenset[Filter]] = frozenset({"any"})
    LISTED_TO_FILTER: ClassVar[bool] = False
    CHECKED_WHEN_READ: ClassVar[bool] = True

    def __post_init__(self) -> None:
        super().__post_init__()
        names = {one.name for one in self.fields}
        if not self.key or not names.issuperset(self.key):
            raise ValueError(f"{self.name}: the key of an item is made of its fields")
        if self.filter and not any(isinstance(one, ReferenceField) for one in self.fields):
            raise ValueError(f"{self.name}: its items name no entry that a list could filter by")

    def merged(self, _before: Any, given: Any) -> Any:
        fields = {one.name: one.merged for one in self.fields}
        return [
            {name: fields[name](None, value) if name in fields else value for name, value in item.items()}
            for item in given
        ]

    @cached_property
    def struct(self) -> Any:
        """The class of an item as it is stored."""
        members = [(one.name, one.stored, one.empty) for one in self.fields]
        return msgspec.defstruct(
            self.item,
            members,
            module=__name__,
            namespace={"__made_from__": (self.item, members), "__doc__": f"An item of {self.name}."},
            frozen=True,
            kw_only=True,
            omit_defaults=True,
            forbid_unknown_fields=True,
        )

    @property
    def names_entries(self) -> bool:
        return any(one.names_entries for one in self.fields)

    def names(self, value: Any) -> Iterable[Name]:
        return self._of_items(value, lambda one, member: one.names(member))

    @property
    def names_terms(self) -> bool:
        return any(one.names_terms for one in self.fields)

    def terms(self, value: Any) -> Iterable[TermName]:
        return self._of_items(value, lambda one, member: one.terms(member))

    def _of_items[N: (Name, TermName)](self, value: Any, of: Callable[[Field, Any], Iterable[N]]) -> list[N]:
        """Return what the members of all items name, each with its place in the list."""
        return [
            name._replace(pointer=f"/{number}/{one.name}{name.pointer}")
            for number, item in enumerate(value or ())
            for one in self.fields
            for name in of(one, item.get(one.name))
        ]

    @property
    def columns(self) -> tuple[ListColumn, ...]:
        ids = (ListColumn(self.ids, "ids"),) if self.filter else ()
        return (*super().columns, *ids)

    def row(self, value: Any) -> dict[str, Any]:
        named = dict.fromkeys(str(one.entry) for one in self.names(value)) if self.filter else {}
        ids = {self.ids: list(named) or None} if self.filter else {}
        return super().row(value) | ids

    @property
    def ids(self) -> str:
        """The column of lists that holds whom the items name, each once; null: nobody."""
        return f"{self.name}_ids"

    @property
    def _stored(self) -> Any:
        return tuple[self.struct, ...]  # type: ignore[name-defined]

    @property
    def sample_of_type(self) -> Any:
        return [{one.name: one.sample for one in self.fields}]

    def _check_item(self, item: Any) -> None:
        if self.any_of and not IS_READ.get() and not any(getattr(item, one) for one in self.any_of):
            raise FieldError(f"must have {' or '.join(self.any_of)}")
        for one in self.fields:
            value = getattr(item, one.name)
            if one.needed and value == one.empty and not IS_READ.get():
                raise FieldError("is required", f"/{one.name}")
            try:
                one.check(value)
            except FieldError as error:
                raise FieldError(error.detail, f"/{one.name}{error.pointer}") from error


def kinds_in(field: Field) -> tuple[str, ...]:
    """Return the names of the kinds of which a field names entries."""
    members = field.fields if isinstance(field, RelationsField) else (field,)
    found = (kind for one in members if isinstance(one, ReferenceField) for kind in one.kinds)
    return tuple(dict.fromkeys(found))
