"""What an entry of any kind says in every one of its fields, made from the declarations."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from events.content.field import Field
from events.content.items import RelationsField
from events.content.pictures import PicturesField
from events.content.plain import FlagField, ReferenceField
from events.content.quantities import QuantityField
from events.kind import Kind

type Known = Mapping[str, str]
"""Kind → the id of an entry that others may name; "picture": that of a picture that each may show."""

CATEGORY = ("tag_category", "theme")
"""The category of every tag that is made here."""


def everything(kind: Kind, known: Known) -> dict[str, Any]:
    """Return what a body says in every field; what names entries names a known one."""
    return {one.name: _said(one, known) for one in kind.fields}


def needed(kind: Kind) -> dict[str, Any]:
    """Return what a body says of an entry that names no other one, and can be published."""
    names = {"title", "summary", *kind.identity}
    return {one.name: one.sample for one in kind.fields if one.needed or one.name in names}


def terms(kinds: Iterable[Kind]) -> list[dict[str, Any]]:
    """Return what bodies say of each term that `everything` says, those first that others name."""
    fields = [one for kind in kinds for one in kind.fields]
    members = [one for field in fields if isinstance(field, RelationsField) for one in field.fields]
    names = [name for one in (*fields, *members) for name in one.terms(one.sample)]
    said = dict.fromkeys((name.vocabulary, name.code) for name in names)
    tags = any(vocabulary == "tag" for vocabulary, _ in said)
    first = dict.fromkeys([CATEGORY, *said]) if tags else said
    return [term(*one) for one in sorted(first, key=lambda one: one[0] != CATEGORY[0])]


def term(vocabulary: str, code: str) -> dict[str, Any]:
    """Return what a body says of a term."""
    of_tags = {"category": CATEGORY[1]} if vocabulary == "tag" else {}
    return {"title": {"en": code, "ru": code}, "vocabulary": vocabulary, "code": code, **of_tags}


def filters(kind: Kind, shown: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    """Yield queries of lists, one for each parameter of a filter, that find an entry.

    Args:
        kind: its kind.
        shown: what readers see of it.
    """
    for field in kind.fields:
        value = shown[field.name]
        for parameter in field.parameters:
            if isinstance(field, RelationsField):
                yield from ({parameter: value[0][one.name]} for one in field.fields if _names(one))
            elif isinstance(value, list):
                yield {parameter: value[0]}
            elif isinstance(field, FlagField):
                yield {parameter: "true" if value else "false"}
            elif field.filter == "range":
                member = "value" if isinstance(field, QuantityField) else "edtf"
                yield {parameter: str(value[member] if isinstance(value, dict) else value)}
            else:
                yield {parameter: value}


def _names(field: Field) -> bool:
    return isinstance(field, ReferenceField)


def _said(field: Field, known: Known) -> Any:
    if isinstance(field, ReferenceField):
        return known[field.kinds[0]]
    if isinstance(field, RelationsField):
        return [{one.name: _said(one, known) for one in field.fields}]
    if isinstance(field, PicturesField):
        return [one | {"media": known["picture"]} for one in field.sample]
    return field.sample
