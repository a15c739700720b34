"""What the queries of a kind take, for validation and for OpenAPI."""

import re
from collections.abc import Iterable
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import Field, create_model

from events.content.units import System
from kit.errors import Problem
from kit.http.requests.phrases import unknown
from kit.http.requests.query import Limit, Position, Query
from kit.http.requests.text import plainly
from kit.problem_types import INVALID_PARAMETER
from read_side.answers.paging import MAX_CURSOR
from read_side.entry.brought.cards import MAX_INCLUDES, MOST, Includes
from read_side.entry.kind import KindView, Locale
from read_side.entry.lists.facets import COUNTED, MAX_FACETS
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
Units = Annotated[
    System, Field(description="Say quantities in these units as well, as `converted`, where they are others.")
]
Total = Annotated[
    Literal["true", "false"],
    Field(description=f"Tell how many items there are on all pages, exactly up to {COUNTED:,}."),
]
Number = Annotated[int, Field(ge=1, le=2**31 - 1, description="Number of a revision."), plainly]
After = Annotated[Position, Field(description="Wait up to 2 s until this position of the log is visible.")]


NO_FILTERS = frozenset({"sort", "cursor", "limit", "fields", "total", "facets", "include", "units"})
"""Parameters of a list that do not say which entries there are on all of its pages."""


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


def document_query(view: KindView, includes: Includes) -> type[DocumentQuery]:
    """Make the parameters of a kind's document."""
    locale: dict[str, Any] = {} if view.localized else {"locale": (_IN_LANGUAGE, None)}
    return create_model(
        f"{view.kind.spelt}Query",
        __base__=DocumentQuery,
        __module__=__name__,
        **locale,
        **included(includes, view).declared,
        **_units(view),
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


def list_query(view: KindView, includes: Includes) -> type[Query]:
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
        total=(Total, "false"),
        **counted(view).declared,
        **included(includes, view).declared,
        **_units(view),
        fields=(members(view.list_fields) | None, None),
        after=(After | None, None),
    )


def _units(view: KindView) -> dict[str, Any]:
    """Return the parameter of units, where a kind has quantities."""
    return {"units": (Units | None, None)} if view.has_quantities else {}


class Some(NamedTuple):
    """A parameter that names some of what a kind has, separated by commas."""

    name: str
    known: tuple[str, ...]
    most: int
    """Names in one query."""
    about: str

    @property
    def declared(self) -> dict[str, Any]:
        """The parameter, if there is anything to name: name → (type, default), as pydantic takes them."""
        if not self.known:
            return {}
        one = "|".join(map(re.escape, self.known))
        type_ = Annotated[
            str,
            Field(
                max_length=500,
                description=f"{self.about} At most {self.most}, separated by commas.",
                examples=[self.known[0]],
                json_schema_extra={"pattern": f"^({one})(,({one})){{0,{self.most - 1}}}$"},
            ),
        ]
        return {self.name: (type_ | None, None)}

    def chosen(self, query: Any) -> tuple[str, ...]:
        """Return what a query names, each once, in the order in which it is known.

        Raises:
            Problem: 400 when it names something that there is not, something twice, or too much.
        """
        given: str | None = getattr(query, self.name, None)
        if given is None:
            return ()
        wanted = given.split(",")
        foreign = [one for one in wanted if one not in self.known]
        if foreign:
            shown, detail = unknown(foreign[0], self.known, "name")
            detail = f"{shown} {detail}" if shown else detail
        elif len(set(wanted)) < len(wanted) or len(wanted) > self.most:
            detail = f"must name each once, and at most {self.most}"
        else:
            return tuple(one for one in self.known if one in wanted)
        raise Problem(INVALID_PARAMETER, errors=[{"parameter": self.name, "detail": detail}])


def counted(view: KindView) -> Some:
    """Return the parameter by which a list is asked for facets."""
    about = "Count the items that have each value of these filters, given all the other filters."
    return Some("facets", view.facets, MAX_FACETS, about)


def included(includes: Includes, view: KindView) -> Some:
    """Return the parameter by which other entries are brought along."""
    about = (
        f"Bring the entries along that these fields name, the first {MOST} of each; with a point, what such a"
        " field of theirs names."
    )
    return Some("include", includes.names(view), MAX_INCLUDES, about)


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
