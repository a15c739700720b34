"""What is told of those who point to an entry, and of what points to nothing, described for OpenAPI."""

from typing import Literal
from uuid import UUID

from pydantic import Field

from events.forms.values import InLanguages
from kit.http.described import Described, example
from read_side.entry.answers import CURSOR, ID, OTHER
from read_side.entry.kind import Locale


class Namer(Described):
    """An entry that names another one."""

    field: str
    """The field that names it; `body`: a link of the text. Articles: `subject` and `translated_from`, too."""
    kind: str
    id: UUID
    locale: Locale | None = None
    """Of an entry in one language."""
    slug: str
    title: InLanguages
    state: Literal["published", "draft"]
    """Whether the revision that readers see names it, or only the newest one."""


class Namers(Described):
    """A page of those who name an entry, by field."""

    model_config = example(
        {
            "items": [
                {
                    "field": "subject",
                    "kind": "article",
                    "id": ID,
                    "locale": "en",
                    "slug": "antonov-an-2",
                    "title": "Antonov An-2",
                    "state": "published",
                }
            ],
            "next": CURSOR,
        }
    )

    items: list[Namer]
    next: str | None
    """The `cursor` of the next page; null on the last one."""


class Pointing(Described):
    """A published entry that points to nothing that readers see."""

    kind: str
    id: UUID
    locale: Locale | None = None
    """Of an entry in one language."""
    slug: str
    title: InLanguages


class PointedTo(Described):
    """What it points to."""

    kind: str | None = None
    """Absent where there is nothing with this id."""
    target: str
    """An id, or a slug as the text spells it, with or without a language."""
    reason: Literal["missing", "unseen"]
    """Whether there is nothing, or something that readers do not see."""


class BrokenLink(Described):
    """A way from what readers see to what they do not see."""

    from_: Pointing = Field(alias="from")
    field: str
    """The field that names it; `body`: a link of the text."""
    to: PointedTo


class BrokenLinksPage(Described):
    """A page of what points to nothing that readers see."""

    model_config = example(
        {
            "items": [
                {
                    "from": {
                        "kind": "article",
                        "id": OTHER,
                        "locale": "en",
                        "slug": "polikarpov-po-2",
                        "title": "Polikarpov Po-2",
                    },
                    "field": "body",
                    "to": {"kind": "article", "target": "en:antonov-an-2", "reason": "unseen"},
                }
            ],
            "next": CURSOR,
        }
    )

    items: list[BrokenLink]
    next: str | None
    """The `cursor` of the next page, which may be there although this one is empty; null: that was all."""
