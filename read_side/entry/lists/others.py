"""Filters by other entries: which ones a query means, and the condition that an item names one of them."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Select,
    Table,
    Text,
    Uuid,
    any_,
    bindparam,
    cast,
    func,
    literal_column,
    or_,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY

from events.content.checks import FieldError
from events.content.items import RelationsField, kinds_in
from events.content.plain import ReferenceField
from kit.ids import parse_id
from read_side.entry.kind import entry_tag, slug_tag
from read_side.entry.table import EntryTables

type Naming = ReferenceField | RelationsField
"""A field that names other entries."""

_SLUG = re.compile(r"(?:(ru|en):)?([a-z0-9]{1,120}(?:-[a-z0-9]{1,120}){0,60})")


class AskedEntries(NamedTuple):
    """What a filter asks about, as it is bound."""

    field: str
    """Which names the entries."""
    kinds: Sequence[str]
    """Of which they may be."""
    ids: Sequence[UUID]
    slugs: Sequence[str]
    """Without their language."""
    spelt: Sequence[str]
    """The same as they came: alone, or behind their language."""
    said: Sequence[str]
    """What stands in the place of an entry: "unknown", "none"."""

    @property
    def tags(self) -> Iterator[str]:
        """Tags that an answer hangs on beside those of the owners of the slugs."""
        yield from map(entry_tag, self.ids)
        yield from (slug_tag(kind, slug) for slug in self.slugs for kind in self.kinds)


def asked_about(field: Naming, values: Iterable[str]) -> AskedEntries:
    """Return what the values of a filter ask about.

    Raises:
        FieldError: one is neither a slug nor an id.
    """
    ids, slugs, spelt, said = [], [], [], []
    for text in values:
        slug = _SLUG.fullmatch(text)
        if text in field.may_be:
            said.append(text)
        elif (id_ := parse_id(text)) is not None:
            ids.append(id_)
        elif slug is not None:
            slugs.append(slug[2])
            spelt.append(text)
        else:
            raise FieldError("must be the slug or the id of an entry")
    return AskedEntries(field.name, kinds_in(field), ids, slugs, spelt, said)


def owners(tables: EntryTables, name: str) -> Select[Any]:
    """Return a query for the ids of the entries that own the slugs of a filter, seen by readers or not.

    Args:
        tables: of all kinds.
        name: with which the names of what is bound begin: those of `AskedEntries` follow.
    """
    address = tables.address
    spelt = _bound(name, "spelt", Text)
    whole = address.c.locale + literal_column("':'") + address.c.slug
    return select(address.c.entry).where(
        address.c.kind == any_(_bound(name, "kinds", Text)),
        address.c.slug == any_(_bound(name, "slugs", Text)),
        or_(address.c.slug == any_(spelt), whole == any_(spelt)),
    )


def names_one(tables: EntryTables, facets: Table, field: Naming, name: str) -> ColumnElement[bool]:
    """Return the condition that an item names one of the entries of a filter, while readers see both.

    Args:
        tables: of all kinds.
        facets: the one of them that is listed.
        field: by which they are named.
        name: as in `owners`.
    """
    entry, relation = tables.entry.alias("asked"), tables.relation
    meant = union_all(select(func.unnest(_bound(name, "ids", Uuid))), owners(tables, name))
    seen = select(entry.c.id).where(entry.c.id == any_(_array(meant, Uuid)), entry.c.title.is_not(None))
    if isinstance(field, RelationsField):
        naming = select(relation.c.entry).where(
            relation.c.field == bindparam(f"{name}_field", type_=Text),
            relation.c.target == any_(_array(seen, Uuid)),
        )
        return facets.c.id.in_(naming)
    said = select(func.unnest(_bound(name, "said", Text)))
    texts = union_all(seen.with_only_columns(cast(entry.c.id, Text)), said)
    column: ColumnElement[Any] = facets.c[field.name]
    return column == any_(_array(texts, Text))


def _array(query: Any, type_: Any) -> Any:
    """Return the rows of a query as one array: it is asked once, and what compares with it uses an index."""
    return func.array(query.scalar_subquery(), type_=ARRAY(type_))


def _bound(name: str, part: str, type_: Any) -> BindParameter[Any]:
    return bindparam(f"{name}_{part}", type_=ARRAY(type_))
