"""What queries say of other entries, described for OpenAPI, and which of them readers see."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from pydantic import ConfigDict, Field

from events.forms.values import InLanguages
from kit.http.described import Described, example
from kit.postgres.connect import quoted
from read_side.entry.kind import Locale
from read_side.tables import Tables


class Link(Described):
    """An entry that the text leads to; with a title when readers can see it.

    A slug alone leads to the entry in the language of the text, if there is one. The first 1,000 that a text
    leads to are told.
    """

    kind: str
    locale: Locale | None = None
    """Of an entry in one language."""
    slug: str
    title: InLanguages = ""
    """Of an entry in one language a line; of another one it is in each language, or in the one asked for."""


class Relation(Described):
    """An entry that this one names, or that names this one, while readers see both; at most 1,000."""

    field: str
    """The field that names it, of the entry that names."""
    kind: str
    id: UUID
    locale: Locale | None = None
    """Of an entry in one language."""
    slug: str
    title: InLanguages
    """Of an entry in one language a line; of another one it is in each language, or in the one asked for."""
    item: dict[str, Any] | None = None
    """What the field says beside: a role, a period."""


_CARD = {
    "kind": "person",
    "id": "0d6c0c3e-6a3e-5d0b-9f1c-2a4b8f7e1c55",
    "slug": "oleg-antonov",
    "title": {"ru": "Олег Антонов", "en": "Oleg Antonov"},
}


class Card(Described):
    """An entry that another one names: who it is, and what lists of its kind show of it alone."""

    model_config = ConfigDict(extra="allow")

    kind: str
    id: UUID
    locale: Locale | None = None
    """Of an entry in one language."""
    slug: str
    title: InLanguages
    included: "dict[str, list[Included]]" = Field(default_factory=dict)
    """What it names itself, where `include` asks for that."""


class Included(Described):
    """An entry that was brought along, while readers see it."""

    model_config = example({"entry": _CARD, "item": {"role": "chief_designer"}})

    entry: Card
    item: dict[str, Any] | None = None
    """What the field that names it says beside: a role, a period."""


class FacetValue(Described):
    """A value, and how many items have it."""

    value: str
    """As the filter takes it; of an entry its id."""
    count: int
    kind: str = ""
    """Of an entry, as are the members below."""
    locale: Locale | None = None
    slug: str = ""
    title: InLanguages = ""


class Facet(Described):
    """The values of a filter that most items have, those of most items first; 50 at most."""

    model_config = example({"values": [{"value": "retired", "count": 12}], "more": False})

    values: list[FacetValue]
    more: bool
    """There are more values."""


class Total(Described):
    """How many items there are on all pages."""

    model_config = example({"count": 12, "more": False})

    count: int
    more: bool
    """There are more, which nobody counted."""


class Choice(Described):
    """One of the entries that an address may mean."""

    id: UUID
    locale: Locale
    slug: str
    title: str
    location: str


class Choices(Described):
    """The entries that an address may mean."""

    model_config = example(
        {
            "choices": [
                {
                    "id": "0d6c0c3e-6a3e-5d0b-9f1c-2a4b8f7e1c55",
                    "locale": "en",
                    "slug": "antonov-an-2",
                    "title": "Antonov An-2",
                    "location": "/v1/articles/en:antonov-an-2",
                }
            ]
        }
    )

    choices: list[Choice]


class Translation(Described):
    """The same subject in another language."""

    locale: Locale
    slug: str


class Source(Described):
    """The revision of another entry that this one was translated from, while readers see that one."""

    entry: UUID
    revision: int
    """Of that entry."""


async def unseen(tables: Tables, schema: str, ids: Collection[str]) -> frozenset[str]:
    """Return those of some entries that readers do not see now; asks nothing where there are none.

    An answer that is kept hangs on the tags of all of them: they are looked up after what names them.

    Raises:
        Problem: 503 when the database does not answer.
    """
    if not ids:
        return frozenset()
    sql = f"select id::text from {quoted(schema)}.entry where id = any($1::uuid[]) and title is not null"
    return frozenset(ids) - {row["id"] for row in await tables.rows(sql, list(ids))}
