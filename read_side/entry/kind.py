"""What queries show of a kind of entry: its members in documents and lists, its filters, its purge tags."""

from collections.abc import Collection, Mapping
from datetime import datetime
from functools import cached_property
from typing import Any, Literal
from uuid import UUID

from events.content.field import Field
from events.content.items import Items, RelationsField, kinds_in
from events.content.plain import ReferenceField
from events.content.quantities import QuantityField
from events.group import Group
from events.kind import Kind

Locale = Literal["ru", "en"]
"""The locales that entries are written in."""

LONG = "body"
"""Name of the long text of a kind that has one: a revision that changed it holds it, whole or in parts."""

PICTURES = "pictures"
"""Name of the field in which entries name pictures."""

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
"""Members of a published document that do not depend on the fields of the kind, in their order."""

OF_LOCALIZED = frozenset({"subject", "locale", "translations", "translated_from"})
"""Members that only entries in one language have."""

LISTED_FIELDS = ("id", "locale", "slug", "title", "published_at", "updated_at", "revision")
"""Members of a list's item that do not depend on the fields of the kind."""


def entry_tag(id_: object) -> str:
    """Return the purge tag of everything that shows an entry, or would show it if readers could see it."""
    return f"entry:{id_}"


def subject_tag(subject: object) -> str:
    """Return the purge tag of the entries that name their siblings of this subject."""
    return f"subject:{subject}"


def slug_tag(kind: str, slug: str) -> str:
    """Return the purge tag of what shows where a slug leads that is told without a language."""
    return f"slug:{kind}/{slug}"


def without_languages(members: Mapping[str, Any]) -> dict[str, Any]:
    """Return the members that entries for all languages have as well."""
    return {name: value for name, value in members.items() if name not in OF_LOCALIZED}


class KindView:
    """One kind of entry as it is read.

    Args:
        kind: its declaration.
        group: those of its entries that are shown; None: all.
    """

    def __init__(self, kind: Kind, group: Group | None = None) -> None:
        self.kind = kind
        self.group = group
        self.name = kind.name
        self.called = kind.name if group is None else group.name
        self.path = kind.path if group is None else group.path
        self.localized = kind.localized

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
    def in_lists(self) -> tuple[Field, ...]:
        """The fields for which lists have columns: those that they show, or filter by."""
        return tuple(one for one in self.kind.fields if one.columns)

    @cached_property
    def filters(self) -> Mapping[str, Field]:
        """Query parameter → the field that it asks about."""
        return {parameter: one for one in self.kind.fields for parameter in one.parameters}

    @cached_property
    def facets(self) -> tuple[str, ...]:
        """Parameters whose values can be counted: all but ranges."""
        return tuple(name for name, one in self.filters.items() if one.filter != "range")

    def named_by(self, parameter: str) -> tuple[str, ...]:
        """Return the kinds of the entries that a parameter asks about; none where it asks about none."""
        field = self.filters[parameter]
        return self.kinds_in(field.name) if field.name in self.relations else ()

    def kinds_in(self, field: str) -> tuple[str, ...]:
        """Return the kinds of the entries that a field names."""
        return kinds_in(self.fields[field])

    @cached_property
    def sorts(self) -> Mapping[str, Field]:
        """Name of a sort → the field that lists are sorted by."""
        return {one.name: one for one in self.listed if one.sorts}

    @cached_property
    def keys(self) -> Mapping[str, tuple[str, ...]]:
        """Field → the members by which its items are known, where it has such items."""
        return {one.name: one.key for one in self.kind.fields if isinstance(one, Items) and one.key}

    @cached_property
    def relations(self) -> Mapping[str, tuple[str, ...]]:
        """Field that names other entries → the members of an item that do; () where the field itself does."""
        found: dict[str, tuple[str, ...]] = {}
        for field in self.kind.fields:
            if isinstance(field, ReferenceField):
                found[field.name] = ()
            elif isinstance(field, RelationsField):
                members = tuple(one.name for one in field.fields if isinstance(one, ReferenceField))
                if members:
                    found[field.name] = members
        return found

    @cached_property
    def listed_relations(self) -> tuple[str, ...]:
        """The fields that name another entry and that lists show."""
        return tuple(one.name for one in self.listed if isinstance(one, ReferenceField))

    def named_in(self, content: Mapping[str, Any]) -> set[str]:
        """Return the ids of the entries that some fields name, whether or not readers see them.

        Args:
            content: JSON values of the fields, or of some of them.
        """
        fields = self.fields
        return {str(name.entry) for one in self.relations for name in fields[one].names(content.get(one))}

    def without(self, content: dict[str, Any], hidden: Collection[str]) -> dict[str, Any]:
        """Return the same content without these entries, and without the items that name one of them."""
        found = dict(content)
        for field in self.relations.keys() & content.keys() if hidden else ():
            members, value = self.relations[field], content[field]
            if members:
                found[field] = [one for one in value if not any(one.get(name) in hidden for name in members)]
            elif value in hidden:
                found[field] = None
        return found

    @property
    def has_body(self) -> bool:
        """Whether the kind has a long text."""
        return LONG in self.fields

    @property
    def has_quantities(self) -> bool:
        """Whether it has fields that can be said in other units."""
        return any(isinstance(one, QuantityField) for one in self.kind.fields)

    @property
    def has_pictures(self) -> bool:
        """Whether its entries show pictures."""
        return PICTURES in self.fields

    @cached_property
    def document_fields(self) -> tuple[str, ...]:
        """Members of a published document, in their order; each can be asked for with `fields=`."""
        media = ("media",) if self.has_pictures else ()
        around = ("links", "relations", "related", *media, "translations", "translated_from")
        return self._known((*ENTRY_FIELDS, *self.fields, *around))

    @cached_property
    def list_fields(self) -> tuple[str, ...]:
        """Members of a list's item, in their order."""
        return self._known((*LISTED_FIELDS[:4], *(one.name for one in self.listed), *LISTED_FIELDS[4:]))

    @cached_property
    def card_fields(self) -> tuple[str, ...]:
        """What is told of one of them beside another entry: who it is, and what lists show of it alone."""
        alone = (one.name for one in self.listed if one.name not in self.listed_relations)
        return self._known((*LISTED_FIELDS[:4], *alone))

    @property
    def list_tag(self) -> str:
        """The purge tag of every list of this kind."""
        return self.kind.path

    def address(self, locale: str | None, slug: str) -> str:
        """Return what stands in addresses for one of them, whatever other languages there are."""
        return f"{locale}:{slug}" if self.localized else slug

    def _known(self, names: tuple[str, ...]) -> tuple[str, ...]:
        return names if self.localized else tuple(one for one in names if one not in OF_LOCALIZED)
