"""What a kind of entry declares on the read side: its fields, what its list shows, how it is filtered."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Column, Index

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


@dataclass(frozen=True)
class Filter:
    """The listed column that a query parameter must equal or (`contains`) be an item of."""

    column: str
    contains: bool = False


@dataclass(frozen=True, kw_only=True, eq=False)
class Kind:
    """One kind of entry, such as articles.

    Args:
        name: name of the kind and of its read model, "article"; also the first part of its purge tags.
        path: its place in addresses, "articles".
        fields: what editors write, in order: name → type for OpenAPI. Must begin with "title".
        examples: field → what OpenAPI shows in it; nothing where it is not named.
        listed: columns of the list besides those of every kind, named like the fields they are filled from.
        filters: query parameter → filter over a listed column.
        indexes: indexes on the listed columns.
    """

    name: str
    path: str
    fields: Mapping[str, Any]
    listed: tuple[Column[Any], ...] = ()
    filters: Mapping[str, Filter] = field(default_factory=dict)
    indexes: tuple[Index, ...] = ()
    examples: Mapping[str, Any] = field(default_factory=dict)
    tables: EntryTables = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "tables", entry_tables(self.listed, self.indexes))

    @property
    def has_body(self) -> bool:
        """Whether the kind has a long text."""
        return LONG in self.fields

    @property
    def document_fields(self) -> tuple[str, ...]:
        """Members of a published document, in their order; each can be asked for with `fields=`."""
        return (*ENTRY_FIELDS, *self.fields, "links", "translations", "translated_from")

    @property
    def list_fields(self) -> tuple[str, ...]:
        """Members of a list's item, in their order."""
        head = LISTED_FIELDS[:4]
        listed = (
            str(column.name) for column in self.listed
        )  # SQLAlchemy's own kind of str is no key of JSON
        return (*head, *listed, *LISTED_FIELDS[4:])

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
