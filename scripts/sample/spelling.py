"""The short spelling of cards: turns what a card says of a field into what the body of a command says."""

import re
from collections.abc import Mapping
from functools import singledispatch
from typing import Any, NamedTuple
from uuid import UUID

from events.content.dates import DateField
from events.content.field import Field
from events.content.items import RelationsField
from events.content.localized import LANGUAGES, LocalizedLineField, LocalizedTextField
from events.content.plain import ReferenceField
from events.content.quantities import QuantityField
from events.content.sources import SourcesField

_QUANTITY = re.compile(
    r"(?P<about>~?)(?P<value>[-.\d]+)(?: \[(?P<low>[-.\d]+)\.\.(?P<high>[-.\d]+)\])?(?: @ (?P<condition>.+))?"
)


class Known(NamedTuple):
    """What cards name by short names."""

    entries: Mapping[str, UUID]
    """Key of an entry → its id."""
    sources: Mapping[str, Mapping[str, str]]
    """Key of a source → its title, and its address if it has one."""


@singledispatch
def spelt_out(_field: Field, said: Any, _known: Known) -> Any:
    """Return what a body says in a field where a card says this.

    Raises:
        ValueError: the card says what nobody knows.
    """
    return said


@spelt_out.register
def _(_field: DateField, said: str, _known: Known) -> Any:
    """`1889-05-25 julian`; the calendar is left out where it is the Gregorian one."""
    if said in _field.may_be:
        return said
    edtf, _, calendar = said.partition(" ")
    return {"edtf": edtf} | ({"calendar": calendar} if calendar else {})


@spelt_out.register
def _(_field: QuantityField, said: Any, _known: Known) -> Any:
    """`~1500 [1200..1800] @ With M-17 engines`: about, value, bounds, condition."""
    if said in _field.may_be:
        return said
    found = _QUANTITY.fullmatch(str(said))
    if found is None:
        raise ValueError(f"{said} is no quantity")
    parts = {name: part for name, part in found.groupdict().items() if part}
    return parts | ({"about": True} if "about" in parts else {})


@spelt_out.register(LocalizedLineField)
@spelt_out.register(LocalizedTextField)
def _(_field: Field, said: Any, _known: Known) -> Any:
    """`[in Russian, in English]`."""
    return dict(zip(LANGUAGES, said, strict=True))


@spelt_out.register
def _(_field: ReferenceField, said: str, known: Known) -> Any:
    """The key of the entry."""
    if said in _field.may_be:
        return said
    if said not in known.entries:
        raise ValueError(f"there is no card of {said}")
    return str(known.entries[said])


@spelt_out.register
def _(field: RelationsField, said: list[Any], known: Known) -> Any:
    """A list of tables; an item that says nothing but the first member of its key may be that alone."""
    members = {one.name: one for one in field.fields}
    items = [one if isinstance(one, dict) else {field.key[0]: one} for one in said]
    for item in items:
        if unknown := set(item).difference(members):
            raise ValueError(f"an item has no {', '.join(sorted(unknown))}")
    return [{name: spelt_out(members[name], value, known) for name, value in item.items()} for item in items]


@spelt_out.register
def _(_field: SourcesField, said: Mapping[str, str], known: Known) -> Any:
    """`{ key of a source = "the fields that it supports" }`; none: all of the entry."""
    if unknown := set(said).difference(known.sources):
        raise ValueError(f"there is no source {', '.join(sorted(unknown))}")
    return [
        {"url": ""} | dict(known.sources[key]) | {"supports": supports.split()}
        for key, supports in said.items()
    ]
