"""What a kind of entry adds to the shared life: its names, its events, its content and its rules."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Self

import msgspec

from events import entry
from events.base import Event
from events.entry import Content

type Shortfall = tuple[str, str]
"""A field and what it lacks, in words."""

type Rule = Callable[[Mapping[str, Any]], Iterable[Shortfall]]
"""From the content of a revision (JSON values, long texts as hashes) to what it lacks to be published."""


class Kind(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of entry."""

    name: str
    """Singular, as in stored types: "article"."""

    path: str
    """Plural, as in routes: "articles"."""

    created: type[entry.Created]
    revised: type[entry.Revised]
    submitted: type[entry.Submitted]
    published: type[entry.Published]
    withdrawn: type[entry.Withdrawn]
    returned: type[entry.Returned]
    unpublished: type[entry.Unpublished]
    archived: type[entry.Archived]
    restored: type[entry.Restored]
    renamed: type[entry.Renamed]

    rules: tuple[Rule, ...] = ()
    """What a revision needs before readers may see it."""

    @classmethod
    def of(cls, name: str, path: str, life: Sequence[type[Event]], rules: tuple[Rule, ...] = ()) -> Self:
        """Return a kind from its event classes, each of which is one step of the life in `events.entry`."""
        steps = {step: next(one for one in life if issubclass(one, base)) for step, base in _STEPS.items()}
        return cls(name=name, path=path, rules=rules, **steps)  # type: ignore[arg-type]  # by issubclass

    @property
    def content(self) -> type[Content]:
        return self.created.CONTENT

    @property
    def long_fields(self) -> frozenset[str]:
        """Names of the fields that hold a long text."""
        return self.content.long_fields()


_STEPS: dict[str, type[Event]] = {
    "created": entry.Created,
    "revised": entry.Revised,
    "submitted": entry.Submitted,
    "published": entry.Published,
    "withdrawn": entry.Withdrawn,
    "returned": entry.Returned,
    "unpublished": entry.Unpublished,
    "archived": entry.Archived,
    "restored": entry.Restored,
    "renamed": entry.Renamed,
}
