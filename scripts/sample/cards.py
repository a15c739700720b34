"""Reads the cards of the sample: entries of every kind but articles, short enough to fit on a card."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any
from uuid import UUID

import msgspec

from events.content.checks import FieldError
from events.entry import identified_stream
from events.kind import Kind
from events.kinds.catalog import KINDS
from scripts.sample.files import files_in, sources
from scripts.sample.spelling import Known, spelt_out
from scripts.sample.steps import subject_id

ORDER = ("term", "country", "person", "bureau", "manufacturer", "aircraft", "historical_event", "fact")
"""Kinds in the order in which their entries are made: what names a later one says so in a second revision."""


class SampleEntry(msgspec.Struct, frozen=True, kw_only=True):
    """An entry that somebody made, perhaps completed, and submitted, and that somebody else published."""

    kind: Kind
    key: str
    """By which other cards name it; also its slug."""
    by: str
    checked_by: str
    reason: str
    first: Mapping[str, Any]
    """What the command says that makes it."""
    second: Mapping[str, Any]
    """What its second revision adds: the fields that name entries which are made later. May be empty."""

    @property
    def id(self) -> UUID:
        return _id(self.kind, self.key, self.first)

    @property
    def stage(self) -> tuple[int, bool]:
        """When it is made: kind after kind, and tags after the categories that they name."""
        return ORDER.index(self.kind.name), self.kind.name == "term" and "category" in self.first

    @property
    def revision(self) -> int:
        """The published revision, which is the newest one."""
        return 2 if self.second else 1

    @property
    def version(self) -> int:
        """How many events it has when all is done: its revisions, submitted, published."""
        return self.revision + 2

    @property
    def content(self) -> dict[str, Any]:
        """All that is said of it."""
        return {**self.first, **self.second}


class SampleCard(msgspec.Struct, frozen=True, kw_only=True):
    """What a file says of one entry."""

    place: str
    kind: Kind
    key: str
    by: str
    checked_by: str
    reason: str
    said: dict[str, Any]


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    by: str
    checked_by: str
    reason: str
    entry: dict[str, dict[str, Any]] = {}
    vocabulary: dict[str, dict[str, list[str]]] = {}


@cache
def entries() -> list[SampleEntry]:
    """Return every entry of the sample that is no article, in the order in which they are made.

    Raises:
        ValueError: naming the file, the entry and the field that cannot be.
    """
    cards = [card for kind in _kinds() for card in _cards(kind)]
    known = Known({card.key: _id(card.kind, card.key, card.said) for card in cards}, sources())
    if len(known.entries) < len(cards):
        keys = [card.key for card in cards]
        raise ValueError(f"two cards have one key: {sorted({key for key in keys if keys.count(key) > 1})}")
    ranks = {known.entries[card.key]: ORDER.index(card.kind.name) for card in cards}
    return sorted((made_of(card, known, ranks) for card in cards), key=lambda entry: entry.stage)


def _kinds() -> list[Kind]:
    by_name = {kind.name: kind for kind in KINDS}
    return [by_name[name] for name in ORDER]


def _cards(kind: Kind) -> Iterator[SampleCard]:
    for file in files_in("cards", kind.name):
        place = f"{kind.name}/{file.name}"
        try:
            read = msgspec.toml.decode(file.read_text("utf-8"), type=_File)
        except ValueError as error:
            raise ValueError(f"{place}: {error}") from error
        for key, said in (*read.entry.items(), *_terms(read)):
            yield SampleCard(
                place=place, kind=kind, key=key, by=read.by, checked_by=read.checked_by, reason=read.reason,
                said=said,
            )  # fmt: skip


def _terms(file: _File) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the terms of a file, which have a spelling of their own, with their keys."""
    for vocabulary, terms in file.vocabulary.items():
        for number, (code, (ru, en, *category)) in enumerate(terms.items(), 1):
            said = {"vocabulary": vocabulary, "code": code, "title": [ru, en], "order": number}
            yield (
                f"{vocabulary}-{code}".replace("_", "-"),
                said | ({"category": category[0]} if category else {}),
            )


def made_of(card: SampleCard, known: Known, ranks: Mapping[UUID, int]) -> SampleEntry:
    """Return the entry of a card.

    Args:
        card: what a file says of it.
        known: the entries and sources that it may name.
        ranks: id of an entry → when its kind is made; those of its own kind and of later ones wait.

    Raises:
        ValueError: naming the file, the entry and the field that cannot be.
    """
    fields = {one.name: one for one in card.kind.fields}
    own = ORDER.index(card.kind.name)
    first: dict[str, Any] = {}
    second: dict[str, Any] = {}
    for name, said in card.said.items():
        try:
            value = spelt_out(fields[name], said, known)
            card.kind.kept({}, {name: value})
        except KeyError:
            raise ValueError(f"{card.place}, {card.key}: there is no field {name}") from None
        except (ValueError, FieldError) as error:
            raise ValueError(f"{card.place}, {card.key}, {name}: {error}") from error
        later = any(ranks.get(one.entry, own) >= own for one in fields[name].names(value))
        (second if later else first)[name] = value
    return SampleEntry(
        kind=card.kind, key=card.key, by=card.by, checked_by=card.checked_by, reason=card.reason,
        first=first, second=second,
    )  # fmt: skip


def _id(kind: Kind, key: str, said: Mapping[str, Any]) -> UUID:
    if kind.identity:
        return identified_stream(kind.name, [said[name] for name in kind.identity])
    return subject_id(key)
