"""The documents of one kind of entry, described for OpenAPI, each with an example."""

from collections.abc import Mapping
from datetime import datetime
from functools import cached_property
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, create_model

from events.forms.fields import shown
from kit.http.described import Described, example
from read_side.described_pictures import SHOWN, PictureCard
from read_side.entry.answers import (
    CURSOR,
    FACTS,
    ID,
    MOMENT,
    OTHER,
    TRANSLATED,
    EntryRevisionFacts,
    EntryRevisions,
    RevisionFacts,
    Revisions,
)
from read_side.entry.draft import state_of
from read_side.entry.kind import ENTRY_FIELDS, KindView, Locale
from read_side.entry.other_entries import Facet, Included, Link, Relation, Source, Total, Translation

_STATE: Mapping[str, tuple[Any, Any]] = {
    "subject": (UUID, OTHER),
    "locale": (Locale, "en"),
    "slug": (str, "antonov-an-2"),
    "version": (int, 3),
    "revision": (int, 2),
    "draft": (Literal["none", "open", "submitted"], "submitted"),
    "submitted": (int | None, 2),
    "publication": (Literal["none", "pinned", "archived"], "pinned"),
    "pinned": (int | None, 1),
    "comment": (str | None, "Please name a source."),
    "created_at": (datetime, MOMENT),
    "updated_at": (datetime, MOMENT),
    "published_at": (datetime | None, MOMENT),
    "first_published_at": (datetime | None, MOMENT),
    "translated_from": (Source | None, TRANSLATED),
}
"""Members of a working copy beside its fields: name → type, example."""

_ENTRY: Mapping[str, Any] = {
    "id": ID,
    "kind": "article",
    "subject": OTHER,
    "locale": "en",
    "slug": "antonov-an-2",
    "revision": 2,
    "published_at": MOMENT,
    "first_published_at": MOMENT,
    "updated_at": MOMENT,
}
"""Examples of the members of every published document."""


_LINK = {"kind": "article", "locale": "en", "slug": "polikarpov-po-2", "title": "Polikarpov Po-2"}

_RELATION = {"field": "designer", "id": OTHER, "item": {"role": "chief"}} | _LINK


NOTHING: Mapping[str, Any] = {}

_ASKED_IN: Mapping[str, Any] = {
    "locale": Annotated[Locale, Field(description="The one language in which texts were asked for.")]
}

_INCLUDED: Mapping[str, Any] = {
    "included": Annotated[
        dict[str, list[Included]],
        Field(description="What `include` asks for: field → entries that it names."),
    ]
}

_COUNTED: Mapping[str, Any] = {
    "total": Annotated[Total, Field(description="Where `total` asks for it.")],
    "facets": Annotated[
        dict[str, Facet], Field(description="What `facets` asks for, by the names of the filters.")
    ],
}


class Models:
    """The documents of one kind, described."""

    def __init__(self, view: KindView) -> None:
        self._view = view
        self._name = view.kind.spelt
        self._common = {field: (type_, _ENTRY[field]) for field, type_ in ENTRY_FIELDS.items()}
        self._common["kind"] = (Literal[view.name], view.name)
        self._asked_in = NOTHING if view.localized else _ASKED_IN
        self._brought = _INCLUDED if view.relations else NOTHING
        self.revisions = Revisions if view.localized else EntryRevisions

    @cached_property
    def document(self) -> type[Described]:
        """What readers see of an entry."""
        members = {member: self._every[member] for member in self._view.document_fields}
        return _model(self._name, members, optional=True, perhaps={**self._asked_in, **self._brought})

    @cached_property
    def page(self) -> type[Described]:
        """A page of a list."""
        members = {field: self._every[field] for field in self._view.list_fields}
        item: Any = _model(f"{self._name}Item", members, optional=True, perhaps=self._brought)
        return _model(
            f"{self._name}Page",
            {"items": (list[item], [_example(members)]), "next": (str | None, CURSOR)},
            perhaps={**self._asked_in, **_COUNTED},
        )

    @cached_property
    def draft(self) -> type[Described]:
        """The working copy of an entry."""
        identity = {member: self._common[member] for member in ("id", "kind")}
        state = {member: _STATE[member] for member in state_of(self._view)}
        return _model(f"{self._name}Draft", identity | state | self._content)

    @cached_property
    def revision(self) -> type[Described]:
        """A revision with its content."""
        told = RevisionFacts if self._view.localized else EntryRevisionFacts
        facts = {one: (field.annotation, FACTS[one]) for one, field in told.model_fields.items()}
        content = {"content": (_model(f"{self._name}Content", self._content), _example(self._content))}
        return _model(f"{self._name}Revision", {"id": (UUID, ID)} | facts | content)

    @cached_property
    def _content(self) -> dict[str, tuple[Any, Any]]:
        """The fields: name → type, example."""
        return {name: (shown(field), field.sample) for name, field in self._view.fields.items()}

    @cached_property
    def _every(self) -> dict[str, tuple[Any, Any]]:
        """All that a document or a list may hold: member → type, example."""
        around = {
            "links": (list[Link], [_LINK]),
            "relations": (list[Relation], [_RELATION]),
            "related": (list[Relation], [_RELATION]),
            "media": (list[PictureCard], [dict(SHOWN)]),
            "translations": (list[Translation], [{"locale": "ru", "slug": "an-2"}]),
            "translated_from": (Source | None, TRANSLATED),
        }
        fields = self._view.fields.items()
        texts = {name: (shown(field, in_language=True), field.sample) for name, field in fields}
        return self._common | texts | around


def _example(members: Mapping[str, tuple[Any, Any]]) -> dict[str, Any]:
    return {name: value for name, (_, value) in members.items()}


def _model(
    name: str,
    members: Mapping[str, tuple[Any, Any]],
    *,
    optional: bool = False,
    perhaps: Mapping[str, Any] = NOTHING,
) -> type[Described]:
    """Make a model of members.

    Args:
        name: of its schema.
        members: name → type, example.
        optional: whether each is absent where `fields` leaves it out.
        perhaps: members more that may be there, and are in no example: name → type.
    """
    base = type("Described", (Described,), {"model_config": example(_example(members))})
    made: dict[str, Any] = {
        member: (type_, None if optional else ...) for member, (type_, _) in members.items()
    }
    made |= {member: (type_, None) for member, type_ in perhaps.items()}
    return create_model(name, __base__=base, **made)
