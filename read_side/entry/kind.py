"""What queries show of a kind of entry: its tables, its members in documents and lists, its purge tags."""

from collections.abc import Mapping
from datetime import datetime
from functools import cached_property
from typing import Any, Literal
from uuid import UUID

from events.content.field import Field
from events.content.items import Items
from events.kind import Kind
from read_side.entry.table import EntryTables, entry_tables

Locale = Literal["ru", "en"]
"""The locales that entries are written in."""

LONG = "body"
"""Name of the long text of a kind that has one: a revision that changed it holds it, whole or in parts."""

ENTRY_FIELDS: Mapping[str, Any] = {
    "id": UUID,
    "kind": str,
    "subject": UUID,
    "locale": Locale,
    "slug": str,
    "revision": int,
    "published_at": datetime,
    "first_published_at": datetime,
    "updated_at": datetime,
}
"""Members of a published document that do not depend on the kind, in their order."""

LISTED_FIELDS = ("id", "locale", "slug", "title", "published_at", "updated_at", "revision")
"""Members of a list's item that do not depend on the kind."""


class KindView:
    """One kind of entry as it is read. Its read model has its name, which begins its purge tags as well.

    Args:
        kind: its declaration.
    """

    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        self.name = kind.name
        self.path = kind.path

    def means(self) -> dict[str, Any]:
        """Return what of it changes rows: what is declared."""
        return {"kind": self.kind}

    @cached_property
    def fields(self) -> Mapping[str, Field]:
        """What editors write, in its order."""
        return {one.name: one for one in self.kind.fields}

    @cached_property
    def listed(self) -> tuple[Field, ...]:
        """The fields that lists show beside those of every kind."""
        return tuple(one for one in self.kind.fields if one.listed)

    @cached_property
    def filters(self) -> Mapping[str, Field]:
        """Query parameter → the field that it asks about."""
        return {parameter: one for one in self.kind.fields for parameter in one.parameters}

    @cached_property
    def sorts(self) -> Mapping[str, Field]:
        """Name of a sort → the field that lists are sorted by."""
        return {one.name: one for one in self.listed if one.sorts}

    @cached_property
    def tables(self) -> EntryTables:
        """The tables of its read model."""
        return entry_tables(self.listed)

    @cached_property
    def keys(self) -> Mapping[str, tuple[str, ...]]:
        """Field → the members by which its items are known, where it has such items."""
        return {one.name: one.key for one in self.kind.fields if isinstance(one, Items) and one.key}

    @property
    def has_body(self) -> bool:
        """Whether the kind has a long text."""
        return LONG in self.fields

    @cached_property
    def document_fields(self) -> tuple[str, ...]:
        """Members of a published document, in their order; each can be asked for with `fields=`."""
        return (*ENTRY_FIELDS, *self.fields, "links", "translations", "translated_from")

    @cached_property
    def list_fields(self) -> tuple[str, ...]:
        """Members of a list's item, in their order."""
        return (*LISTED_FIELDS[:4], *(one.name for one in self.listed), *LISTED_FIELDS[4:])

    def tag(self, id_: object) -> str:
        """Return the purge tag of everything that shows this entry."""
        return f"{self.name}:{id_}"

    def subject_tag(self, subject: object) -> str:
        """Return the purge tag of the entries that name their siblings of this subject."""
        return f"{self.name}-subject:{subject}"

    def slug_tag(self, slug: str) -> str:
        """Return the purge tag of what shows where a slug leads."""
        return f"{self.name}-slug:{slug}"

    @property
    def list_tag(self) -> str:
        """The purge tag of every list of this kind."""
        return self.path
