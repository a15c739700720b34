"""What the queries of a kind take and return, for validation and for OpenAPI."""

from collections.abc import Iterable
from typing import Annotated, Any

from pydantic import BaseModel, Field, create_model

from kit.errors import Problem
from kit.http.query import Limit, Position, Query, Word
from read_side.entry.draft import STATE
from read_side.entry.kind import ENTRY_FIELDS, Kind, Locale
from read_side.entry.listing import Sort
from read_side.paging import MAX_CURSOR

Fields = Annotated[str, Field(max_length=500, description="Members wanted, separated by commas.")]
Cursor = Annotated[str, Field(max_length=MAX_CURSOR, description="`next` of the page before.")]
Number = Annotated[int, Field(ge=1, le=2**31 - 1, description="Number of a revision.")]
After = Annotated[Position, Field(description="Wait up to 2 s until this position of the log is visible.")]


class DocumentQuery(Query):
    """Parameters of one document."""

    fields: Fields | None = None
    after: After | None = None


class FreshQuery(Query):
    """Parameters of a query that only says how fresh it has to be."""

    after: After | None = None


class RevisionsQuery(Query):
    """Parameters of a history."""

    cursor: Cursor | None = None
    limit: Limit = 20
    after: After | None = None


class DiffQuery(Query):
    """Parameters of a comparison."""

    from_: Number = Field(alias="from")
    to: Number
    after: After | None = None


def list_query(kind: Kind) -> type[Query]:
    """Make the parameters of a kind's list: those of every list, and its filters."""
    filters: dict[str, Any] = {
        name: (list[Word], Field(default=[], max_length=10)) if one.contains else (Word | None, None)
        for name, one in kind.filters.items()
    }
    return create_model(
        f"{kind.name.title()}ListQuery",
        __base__=Query,
        __module__=__name__,
        locale=(Locale | None, None),
        **filters,
        sort=(Sort, "-published_at"),
        cursor=(Cursor | None, None),
        limit=(Limit, 20),
        fields=(Fields | None, None),
        after=(After | None, None),
    )


def chosen(fields: str | None, known: Iterable[str]) -> tuple[str, ...] | None:
    """Return the members that `fields=` names, in the order of `known`; None for all.

    Raises:
        Problem: 400 when it names one that is not known, or one twice.
    """
    if fields is None:
        return None
    wanted = fields.split(",")
    names = tuple(name for name in known if name in wanted)
    if len(names) != len(wanted):
        detail = f"names a member twice, or one that is not there; there are: {', '.join(known)}"
        raise Problem(
            400,
            "invalid-parameter",
            "A parameter is not valid.",
            errors=[{"parameter": "fields", "detail": detail}],
        )
    return names


class Link(BaseModel):
    """An entry of the same kind that the text leads to; with a title when readers can see it."""

    slug: str
    title: str | None = None


class Translation(BaseModel):
    """The same subject in another language."""

    locale: Locale
    slug: str


class Source(BaseModel):
    """The revision of another entry that this one was translated from."""

    entry: str
    revision: int


class RevisionFacts(BaseModel):
    """Who changed an entry, when, why and how."""

    revision: int
    version: int
    position: int
    event: str
    at: str
    actor: str
    client: str
    reason: str
    changed: list[str]
    reverts: int | None
    translated_from: Source | None
    published_at: str | None


class Revisions(BaseModel):
    """A page of a history, newest first."""

    items: list[RevisionFacts]
    next: str | None


class Change(BaseModel):
    """What changed in one field: `ops` for texts, items for lists, else before and after."""

    field: str
    ops: list[tuple[str, str]] | None = None
    added: list[Any] | None = None
    removed: list[Any] | None = None
    reordered: bool | None = None
    before: Any = None
    after: Any = None


class Diff(BaseModel):
    """What differs between two revisions."""

    id: str
    from_: int = Field(alias="from")
    to: int
    changes: list[Change]


class Models:
    """The documents of one kind, described."""

    def __init__(self, kind: Kind) -> None:
        name = kind.name.title()
        fields: dict[str, Any] = {field: (type_, ...) for field, type_ in kind.fields.items()}
        common: dict[str, Any] = {field: (type_, ...) for field, type_ in ENTRY_FIELDS.items()}
        self.document = create_model(
            name,
            **common,
            **fields,
            links=(list[Link], ...),
            translations=(list[Translation], ...),
            translated_from=(Source | None, ...),
        )
        types = {**ENTRY_FIELDS, **kind.fields}
        item: dict[str, Any] = {field: (types[field], ...) for field in kind.list_fields}
        self.item = create_model(f"{name}Item", **item)
        self.page = create_model(f"{name}Page", items=(list[self.item], ...), next=(str | None, ...))  # type: ignore[name-defined]
        state: dict[str, Any] = {field: (_STATE.get(field, str | None), ...) for field in STATE}
        self.draft = create_model(f"{name}Draft", id=(str, ...), kind=(str, ...), **state, **fields)
        content = create_model(f"{name}Content", **fields)
        self.revision = create_model(f"{name}Revision", __base__=RevisionFacts, content=(content, ...))


_STATE: dict[str, Any] = {
    "subject": str,
    "locale": Locale,
    "slug": str,
    "version": int,
    "revision": int,
    "draft": str,
    "submitted": int | None,
    "publication": str,
    "pinned": int | None,
    "created_at": str,
    "updated_at": str,
    "translated_from": Source | None,
}
"""Types of a working copy's members; the others are texts that may be absent."""
