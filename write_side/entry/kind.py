"""What a kind of entry adds to the shared life: its names, its events, its content and its rules."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec

from events import entry
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

    @property
    def content(self) -> type[Content]:
        return self.created.CONTENT

    @property
    def long_fields(self) -> frozenset[str]:
        """Names of the fields that hold a long text."""
        return self.content.long_fields()
