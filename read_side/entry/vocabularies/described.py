"""What is told of vocabularies, described for OpenAPI."""

from uuid import UUID

from pydantic import Field

from events.forms.values import InLanguages
from kit.http.described import Described, example
from read_side.entry.answers import ID
from read_side.entry.kind import Locale

_TERM = {
    "id": ID,
    "vocabulary": "aircraft_type",
    "code": "airplane",
    "name": {"ru": "Самолёт", "en": "Airplane"},
    "order": 1,
    "category": "type",
    "retired": False,
}


class Vocabulary(Described):
    """A vocabulary, by the terms that readers know of it."""

    name: str
    terms: int = Field(ge=0)
    """How many may be used."""
    retired: int = Field(ge=0)
    """How many may not be used any more; they stay where they are."""


class Vocabularies(Described):
    """Every vocabulary."""

    model_config = example({"items": [{"name": "aircraft_type", "terms": 11, "retired": 1}]})

    items: list[Vocabulary]
    locale: Locale | None = None
    """The one language in which texts were asked for."""


class VocabularyTerm(Described):
    """A term of a vocabulary."""

    model_config = example(_TERM)

    id: UUID
    """Of its entry."""
    vocabulary: str
    code: str
    """Under it entries name the term."""
    name: InLanguages
    """In each language, or in the one that was asked for."""
    order: int | None
    """Its place in lists."""
    category: str | None
    """Of tags: a term of the vocabulary `tag_category`."""
    retired: bool
    """It stays where it is used, and is told as readers last saw it."""
    locale: Locale | None = None
    """The one language in which texts were asked for."""


class VocabularyTerms(Described):
    """The terms of a vocabulary in their order, at most 2,000; the list of terms tells all of them."""

    model_config = example({"name": "aircraft_type", "items": [_TERM]})

    name: str
    items: list[VocabularyTerm]
    locale: Locale | None = None
    """The one language in which texts were asked for."""
