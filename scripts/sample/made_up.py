"""What an entry of any kind says that nobody wrote: a value for each field that it needs or lists."""

import random
import re
from collections.abc import Iterable, Mapping
from functools import singledispatch
from typing import Any
from uuid import UUID

from events.content.field import Field
from events.content.items import RelationsField
from events.content.localized import LANGUAGES, LocalizedLineField, LocalizedTextField
from events.content.plain import ReferenceField
from events.content.sources import SourcesField
from events.content.texts import LineField, LinesField, MarkdownField, TextField
from events.kind import Kind

WORDS = """
wing spar rib fuselage engine nacelle propeller rudder elevator aileron undercarriage cockpit cowling
flight altitude range speed payload crew test airfield hangar prototype series factory drawing bureau
designer pilot navigator record route ocean winter repair radio fuel oil metal wood fabric rivet
""".split()  # noqa: SIM905 - a list of words reads best as words

LOCALIZED = (LocalizedLineField, LocalizedTextField)

TEXT_WORDS = 150
"""Of a long text: about 1 kB."""


def made_up(kind: Kind, title: str, chance: random.Random, known: Mapping[str, UUID]) -> dict[str, Any]:
    """Return what a command's body may say of a new entry, ready to be published.

    Args:
        kind: its kind.
        title: of the entry; no other one of these has it.
        chance: decides what the values are.
        known: name of a kind → one of its entries, which fields may name.
    """
    said: dict[str, Any] = {"title": worded(kind.fields[0], title)}
    for field in kind.fields[1:]:
        value: Any
        if field.name in kind.identity:
            value = "_".join(re.findall("[a-z0-9]+", title.lower()))
        elif isinstance(field, ReferenceField | RelationsField):
            value = _naming(field, known)
        else:
            value = _said(field, chance) if field.needed or field.listed else None
        if value is not None:
            said[field.name] = value
    return said


def terms_said(kinds: Iterable[Kind]) -> set[tuple[str, str]]:
    """Return the vocabulary and the code of each term that made-up entries say."""
    fields = [one for kind in kinds for one in kind.fields]
    members = [one for field in fields if isinstance(field, RelationsField) for one in field.fields]
    said = [term for one in (*fields, *members) for term in one.terms(one.sample)]
    return {(term.vocabulary, term.code) for term in said}


def worded(field: Field, text: str) -> Any:
    """Return a text as a body says it in a field: in both languages, where it has both."""
    return dict.fromkeys(LANGUAGES, text) if isinstance(field, LOCALIZED) else text


def changing(kind: Kind) -> Field:
    """Return the field that changes from one revision to the next: the long text, where there is one."""
    return next((one for one in kind.fields if isinstance(one, MarkdownField)), kind.fields[0])


def _naming(field: ReferenceField | RelationsField, known: Mapping[str, UUID]) -> Any:
    """Return a value that names a known entry; None where it can name none."""
    if isinstance(field, ReferenceField):
        return next((str(known[one]) for one in field.kinds if one in known), None)
    item: dict[str, Any] = {}
    for member in field.fields:
        value = _naming(member, known) if isinstance(member, ReferenceField) else member.sample
        if value is not None:
            item[member.name] = value
        elif member.needed or member.name in field.key:
            return None
    return [item]


@singledispatch
def _said(field: Field, _chance: random.Random) -> Any:
    return field.sample


@_said.register
def _(field: LineField, chance: random.Random) -> str:
    return chance.choice(WORDS)[: field.limit]


@_said.register
def _(_field: TextField, chance: random.Random) -> str:
    return " ".join(chance.choices(WORDS, k=20))


@_said.register
def _(_field: MarkdownField, chance: random.Random) -> str:
    return " ".join(chance.choices(WORDS, k=TEXT_WORDS))


@_said.register
def _(_field: LinesField, chance: random.Random) -> list[str]:
    return chance.sample(WORDS, k=3)


@_said.register
def _(_field: SourcesField, _chance: random.Random) -> list[dict[str, str]]:
    return [{"title": "A made-up source", "url": ""}]
