"""What the queries of a kind take, for validation and for OpenAPI."""

from collections.abc import Iterable
from typing import Annotated, Any, Literal

from pydantic import Field, create_model

from kit.errors import Problem
from kit.http.requests.query import Limit, Position, Query
from kit.http.requests.text import plainly
from kit.problem_types import INVALID_PARAMETER
from read_side.answers.paging import MAX_CURSOR
from read_side.entry.kind import KindView, Locale
from read_side.entry.lists.filters import parameters
from read_side.entry.lists.sorting import names

Cursor = Annotated[
    str,
    Field(
        max_length=MAX_CURSOR,
        description="`next` of the page before.",
        json_schema_extra={"pattern": "^[A-Za-z0-9_-]+$"},
    ),
]
_IN_LANGUAGE = Annotated[
    Locale | None,
    Field(description="Tell texts in this language alone: null where one is not written in it."),
]
Number = Annotated[int, Field(ge=1, le=2**31 - 1, description="Number of a revision."), plainly]
After = Annotated[Position, Field(description="Wait up to 2 s until this position of the log is visible.")]


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


class DocumentQuery(Query):
    """Parameters of one document; a kind knows its members."""

    fields: str | None = None
    after: After | None = None


def document_query(view: KindView) -> type[DocumentQuery]:
    """Make the parameters of a kind's document."""
    locale: dict[str, Any] = {} if view.localized else {"locale": (_IN_LANGUAGE, None)}
    return create_model(
        f"{view.kind.spelt}Query",
        __base__=DocumentQuery,
        __module__=__name__,
        **locale,
        fields=(members(view.document_fields) | None, None),
    )


def members(known: Iterable[str]) -> Any:
    """Return the type of `fields=`: some of these members, each once; `chosen` checks it."""
    names = tuple(known)
    one = "|".join(names)
    return Annotated[
        str,
        Field(
            max_length=max(500, len(",".join(names))),
            description="Members wanted, separated by commas; left out: all.",
            json_schema_extra={"pattern": f"^({one})(,({one}))*$"},
        ),
    ]


def list_query(view: KindView) -> type[Query]:
    """Make the parameters of a kind's list: those of every list, and its filters."""
    filters: dict[str, Any] = {"locale": (Locale | None if view.localized else _IN_LANGUAGE, None)}
    for field in view.kind.fields:
        filters |= parameters(field)
    sorts = names(view)
    sort: Any = Literal[sorts]
    return create_model(
        f"{view.kind.spelt}ListQuery",
        __base__=Query,
        __module__=__name__,
        **filters,
        sort=(sort, sorts[0]),
        cursor=(Cursor | None, None),
        limit=(Limit, 20),
        fields=(members(view.list_fields) | None, None),
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
            INVALID_PARAMETER,
            errors=[{"parameter": "fields", "detail": detail}],
        )
    return names
