"""What is asked and told of tags that are proposed, described for OpenAPI."""

from typing import Any, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from events.forms.values import InLanguages
from kit.http.described import Described, example
from kit.http.requests.body import Body
from kit.http.requests.text import Id
from read_side.entry.kind import Locale


class TagsWanted(Body):
    """For what tags are wanted: an entry, or what one says."""

    model_config = example(
        {"kind": "aircraft", "says": {"aircraft_type": "airplane", "purposes": ["fighter"]}, "limit": 5}
    )

    entry: Id | None = None
    """An entry: its newest revision counts. Or:"""
    kind: str = Field(default="", max_length=60)
    """Name of a kind whose entries have tags."""
    says: dict[str, Any] = Field(default_factory=dict)
    """Field → terms, country and tags, as in the body of a command."""
    limit: int = Field(default=10, ge=1, le=50)
    """Tags at the most."""
    locale: Locale | None = None
    """The one language in which names are told."""

    @model_validator(mode="after")
    def _one(self) -> "TagsWanted":
        if (self.entry is None) != bool(self.kind) or (self.entry is not None and self.says):
            raise PydanticCustomError("our_wanted", "must have either entry, or kind and says")
        return self


class Reason(Described):
    """Why a tag is proposed."""

    rule: Literal["same_code", "same_name", "carried"]
    """It has the code or a name of what the entry says, or entries that say the same carry it."""
    field: str
    """The field of the entry from which it follows."""
    value: str
    """The code of a term, or the id of a country."""
    entries: int = Field(default=0, ge=0)
    """Of `carried`: published entries of this kind that say the same and carry the tag."""
    of: int = Field(default=0, ge=0)
    """Of `carried`: the newest ones that say the same and were looked at, at most 200."""


class ProposedTag(Described):
    """A tag that fits."""

    code: str
    """What the field of tags takes."""
    name: InLanguages
    """In each language, or in the one that was asked for."""
    category: str
    """A term of the vocabulary `tag_category`."""
    because: list[Reason]
    """Every reason, the strongest first."""


class ProposedTags(Described):
    """Tags that fit, the best founded first; none that the entry has, and none that is retired."""

    model_config = example(
        {
            "items": [
                {
                    "code": "cold_war",
                    "name": {"ru": "холодная война", "en": "Cold War"},
                    "category": "era",
                    "because": [
                        {"rule": "carried", "field": "purposes", "value": "fighter", "entries": 9, "of": 14}
                    ],
                }
            ]
        }
    )

    items: list[ProposedTag]
    locale: Locale | None = None
    """The one language in which names were asked for."""


def told(because: Any) -> dict[str, Any]:
    """Return a reason as it is told."""
    number = because.carried
    counted = {} if number is None else {"entries": number.entries, "of": number.of}
    return {"rule": because.rule, "field": because.said.field, "value": because.said.value} | counted
