"""A kind of entry, declared once: its fields and rules, and the content and events that follow from them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import msgspec

from events import entry, local_entry
from events.base import Event
from events.content.field import Field

type Upcaster = Callable[[dict[str, Any]], dict[str, Any]]
"""Turns the stored payload of schema n into that of schema n + 1."""

type Shortfall = tuple[str, str]
"""A field and what it lacks, in words."""

type Rule = Callable[[Mapping[str, Any]], Iterable[Shortfall]]
"""From the content of a revision (JSON values, long texts as hashes) to what it lacks to be published."""


class Life(NamedTuple):
    """The ten events of a kind, in the order in which they are listed everywhere.

    What the first four say beside what all kinds say hangs on whether the kind is localized.
    """

    created: type[Any]
    revised: type[Any]
    submitted: type[Any]
    published: type[Any]
    withdrawn: type[entry.Withdrawn]
    returned: type[entry.Returned]
    unpublished: type[entry.Unpublished]
    archived: type[entry.Archived]
    restored: type[entry.Restored]
    renamed: type[entry.Renamed]


STEPS = Life(
    entry.Created,
    entry.Revised,
    entry.Submitted,
    entry.Published,
    entry.Withdrawn,
    entry.Returned,
    entry.Unpublished,
    entry.Archived,
    entry.Restored,
    entry.Renamed,
)
"""The events of a kind whose entries are for all languages; those of each kind are subclasses."""

LOCAL_STEPS = STEPS._replace(
    created=local_entry.LocalCreated,
    revised=local_entry.LocalRevised,
    submitted=local_entry.LocalSubmitted,
    published=local_entry.LocalPublished,
)
"""The events of a kind whose entries are in one language each."""

_WITH_CONTENT = ("created", "revised")


@dataclass(frozen=True, kw_only=True, eq=False)
class Kind:
    """A kind of entry. What it declares here is declared nowhere else.

    Args:
        name: singular, as in stored types: "article".
        path: plural, as in addresses: "articles".
        fields: what editors write, in the order in which it is shown; the first is the title.
        localized: whether each entry is in one language, and has siblings in others.
        rules: what a revision needs before readers may see it, beside the fields that are `needed`.
        upcasters: (step of the life, schema that is read) → upcaster; a field that says `since` needs none.

    Raises:
        ValueError: two fields have one name, or the first is not the title.
    """

    name: str
    path: str
    fields: Sequence[Field]
    localized: bool = False
    rules: Sequence[Rule] = ()
    upcasters: Mapping[tuple[str, int], Upcaster] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.fields[0].name != "title":
            raise ValueError(f"{self.name}: the first field is the title")
        if len({one.name for one in self.fields}) != len(self.fields):
            raise ValueError(f"{self.name}: two fields have one name")

    def means(self) -> dict[str, Any]:
        """Return what of this kind changes what is stored and shown."""
        return {
            "name": self.name,
            "path": self.path,
            "localized": self.localized,
            "fields": list(self.fields),
        }

    @cached_property
    def content(self) -> Any:
        """The class of its content as it is stored, a subclass of `entry.Content`."""
        members = [
            (one.name, one.stored, *(() if number == 0 else (one.empty,)))
            for number, one in enumerate(self.fields)
        ]
        return self._made(
            "content", entry.Content, members, {"FIELDS": {one.name: one for one in self.fields}}
        )

    @cached_property
    def life(self) -> Life:
        """The classes of its events."""
        return Life(*map(self._event, Life._fields, LOCAL_STEPS if self.localized else STEPS))

    @cached_property
    def stored(self) -> dict[tuple[str, int], Upcaster]:
        """Each (stored type, earlier schema) → upcaster to the next one."""
        return {
            (cls.TYPE, schema): self.upcasters.get((step, schema), unchanged)
            for step, cls in self.life._asdict().items()
            for schema in range(1, cls.SCHEMA)
        }

    @property
    def words(self) -> str:
        """Its name in words."""
        return self.name.replace("_", " ")

    @property
    def one(self) -> str:
        """One of them in words: "an article"."""
        return f"{'an' if self.name[0] in 'aeiou' else 'a'} {self.words}"

    @property
    def spelt(self) -> str:
        """Its name as a part of names of classes: "Article"."""
        return self.words.title().replace(" ", "")

    @property
    def names_entries(self) -> bool:
        """Whether any of its fields may name another entry."""
        return any(one.names_entries for one in self.fields)

    def kept(self, before: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
        """Return the JSON values that are stored after a change.

        Args:
            before: the content until now, as JSON values; of a new entry nothing.
            given: field → what a body says of it.

        Raises:
            FieldError: a field may never hold what is given; with a pointer into the body.
        """
        fields = self.content.FIELDS
        return {
            name: fields[name].spelt(self.content.admit(name, fields[name].merged(before.get(name), value)))
            for name, value in given.items()
        }

    def shortfalls(self, content: Mapping[str, Any]) -> list[Shortfall]:
        """Return what a revision lacks before readers may see it.

        Args:
            content: JSON values, long texts as hashes.
        """
        lacking = [
            (one.name, one.lacking)
            for one in self.fields
            if one.needed and one.is_empty(content.get(one.name))
        ]
        return lacking + [gap for rule in self.rules for gap in rule(content)]

    def _event(self, step: str, base: type[Event]) -> Any:
        schemas = [1, *(schema + 1 for which, schema in self.upcasters if which == step)]
        members: list[tuple[str, Any]] = []
        said: dict[str, Any] = {"TYPE": f"{self.name}.{step}"}
        if step in _WITH_CONTENT:
            schemas += [one.since for one in self.fields]
            said["CONTENT"] = self.content
        if step == "created":
            members = [("content", self.content)]
        return self._made(step, base, members, said | {"SCHEMA": max(schemas)})

    def _made(self, what: str, base: type[Any], members: Sequence[Any], said: dict[str, Any]) -> Any:
        """Make a class; `__made_from__` says to fingerprints what it means, wherever it is made."""
        about = base.__doc__.partition("\n\n")[0] if base.__doc__ else ""
        one = self.one
        for theirs, ours in (("An entry", one.capitalize()), ("an entry", one), ("entry", self.words)):
            about = about.replace(theirs, ours)
        return msgspec.defstruct(
            self.spelt + what.title(),
            members,
            bases=(base,),
            module=__name__,
            namespace=said | {"__doc__": about, "__made_from__": (base, said)},
            frozen=True,
            kw_only=True,
            omit_defaults=True,
            forbid_unknown_fields=True,
        )


def unchanged(stored: dict[str, Any]) -> dict[str, Any]:
    """Upcast to a schema that only added fields: they are empty where they are absent."""
    return stored
