"""A kind of entry, declared once: its fields and rules, and the content and events that follow from them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import msgspec

from events import entry
from events.across import Across
from events.base import Event, made
from events.content.field import Field
from events.content.localized import LANGUAGES, Localized
from events.group import Group
from events.life import LOCAL_STEPS, STEPS, Life

type Upcaster = Callable[[dict[str, Any]], dict[str, Any]]
"""Turns the stored payload of schema n into that of schema n + 1."""

type Shortfall = tuple[str, str]
"""A field and what it lacks, in words."""

type Rule = Callable[[Mapping[str, Any]], Iterable[Shortfall]]
"""From the content of a revision (JSON values, long texts as hashes) to what it lacks to be published."""


_WITH_CONTENT = ("created", "revised")

HEADLINE = ("title", "summary")
"""What a bot wants to know of an entry, and is told by the events that it waits for."""

_WITH_HEADLINE = ("submitted", "published")


@dataclass(frozen=True, kw_only=True, eq=False)
class Kind:
    """A kind of entry. What it declares here is declared nowhere else.

    Args:
        name: singular, as in stored types: "article".
        path: plural, as in addresses: "articles".
        fields: what editors write, in the order in which it is shown; the first is the title: a line, or
            one in each language.
        localized: whether each entry is in one language, and has siblings in others.
        identity: fields of lines or terms by which an entry is known: there is one of these values, its id is
            named by them, and they never change. Empty: an entry has an id that is made for it.
        moderated: whether only moderators write its entries.
        groups: some of its entries that have a name of their own.
        rules: what a revision needs before readers may see it, beside the fields that are `needed`.
        across: what must hold between an entry and those that it names, before readers may see it.
        upcasters: (step of the life, schema that is read) → upcaster; a field that says `since` needs none.

    Raises:
        ValueError: two fields have one name, the first is not the title, or identity is no field.
    """

    name: str
    path: str
    fields: Sequence[Field]
    localized: bool = False
    identity: tuple[str, ...] = ()
    moderated: bool = False
    groups: Sequence[Group] = ()
    rules: Sequence[Rule] = ()
    across: Sequence[Across] = ()
    upcasters: Mapping[tuple[str, int], Upcaster] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.fields[0].name != "title":
            raise ValueError(f"{self.name}: the first field is the title")
        for one in self.fields:
            if one.name in HEADLINE and (one.stored is Localized) is self.localized:
                languages = "one language" if self.localized else "each language"
                raise ValueError(f"{self.name}: its {one.name} is in {languages}")
        if len({one.name for one in self.fields}) != len(self.fields):
            raise ValueError(f"{self.name}: two fields have one name")
        if not {name for rule in self.across for name in rule.fields()} <= {one.name for one in self.fields}:
            raise ValueError(f"{self.name}: a rule is about a field that it does not have")
        if not {one.name for one in self.fields}.issuperset(self.identity):
            raise ValueError(f"{self.name}: it is known by a field that it does not have")

    def means(self) -> dict[str, Any]:
        """Return what of this kind changes what is stored and shown."""
        return {
            "name": self.name,
            "path": self.path,
            "localized": self.localized,
            "identity": self.identity,
            "fields": list(self.fields),
        }

    @cached_property
    def content(self) -> Any:
        """The class of its content as it is stored, a subclass of `entry.Content`."""
        members = [
            (one.name, one.stored, *(() if number == 0 else (one.empty,)))
            for number, one in enumerate(self.fields)
        ]
        said = {
            "FIELDS": {one.name: one for one in self.fields},
            "READ": {one.name: one for one in self.fields if one.CHECKED_WHEN_READ},
        }
        return self._made("content", entry.Content, members, said)

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

    @property
    def names_terms(self) -> bool:
        """Whether any of its fields may name a term of a vocabulary."""
        return any(one.names_terms for one in self.fields)

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

    def headline(self, content: Mapping[str, Any]) -> dict[str, Any]:
        """Return what the events of a revision tell of its content, in the types of their members.

        Args:
            content: JSON values; a kind may have no summary.
        """
        nothing: Any = "" if self.localized else {}
        return {name: msgspec.convert(content.get(name) or nothing, self._headline_type) for name in HEADLINE}

    def identity_of(self, content: Any) -> tuple[str, ...]:
        """Return the values by which an entry with this content is known."""
        return tuple(getattr(content, name) for name in self.identity)

    def slug_sources(self, content: Any) -> tuple[str, ...]:
        """Return the texts of which a slug can be made, the best one first."""
        if self.identity:
            return ("-".join(self.identity_of(content)),)
        title = content.title
        texts = (title,) if self.localized else [getattr(title, one) for one in reversed(LANGUAGES)]
        return tuple(one for one in texts if one)

    @property
    def _headline_type(self) -> Any:
        return str if self.localized else Localized

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
        if step in _WITH_HEADLINE:
            members = [(name, self._headline_type) for name in HEADLINE]
        return self._made(step, base, members, said | {"SCHEMA": max(schemas)})

    def _made(self, what: str, base: type[Any], members: Sequence[Any], said: dict[str, Any]) -> Any:
        about = base.__doc__.partition("\n\n")[0] if base.__doc__ else ""
        one = self.one
        for theirs, ours in (("An entry", one.capitalize()), ("an entry", one), ("entry", self.words)):
            about = about.replace(theirs, ours)
        return made(self.spelt + what.title(), base, members, said, about=about, module=__name__)


def unchanged(stored: dict[str, Any]) -> dict[str, Any]:
    """Upcast to a schema that only added fields: they are empty where they are absent."""
    return stored
