"""Reads what tags follow from: the entry, names of its terms and its country, entries that say the same."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from events.content.codes import TermField, TermsField
from events.content.field import Field
from events.content.plain import ReferenceField
from kit.postgres.connect import quoted
from read_side.entry.kind import KindView
from read_side.entry.suggesting.rules import Carried, KnownTag, Said
from read_side.tables import Tables

VOCABULARY = "tag"

LIKE_IT = 200
"""Newest entries that are looked at for each thing that an entry says."""

MOST_SAID = 20
"""Things that it says which are looked at, in the order of its fields."""

MOST_TAGS = 2_000

_LIKE_IT = f"""
 select '{{field}}' as field, asked.value, alike.tags
   from unnest(${{number}}::text[]) asked(value)
  cross join lateral (
    select {{tags}} as tags from {{schema}}.facets_{{kind}}
     where {{test}} and id is distinct from $1
     order by published_at desc, sort_position desc limit {LIKE_IT}) alike"""

_CARRIED = """
select field, value, tag, count(*) as entries, of
  from (select field, value, tags, count(*) over (partition by field, value) as of from ({every}) every) found
 cross join lateral unnest(tags) tag
 group by field, value, tag, of"""

_NAMES = f"""
 (select 'tag' as sort, code, category, title from {{schema}}.facets_term
   where vocabulary = '{VOCABULARY}' order by code collate "C" limit {MOST_TAGS})
 union all
 select vocabulary, code, null, title from {{schema}}.facets_term
  where (vocabulary, code) in (select * from unnest($1::text[], $2::text[]))
 union all
 select 'country', c.id::text, null, to_json(array(
     select value from json_each_text(c.title) where value is not null
     union all
     select one ->> 'name' from json_array_elements(n.content -> 'other_names') one))
   from {{schema}}.entry c
   join {{schema}}.revision r on r.entry = c.id and r.revision = c.pinned
   join {{schema}}.revision n on n.entry = c.id and n.revision = r.content_revision
  where c.id = any($3) and c.kind = 'country' and c.title is not null"""


class EntrySaid(NamedTuple):
    """What an entry says, as far as tags can follow from it."""

    view: KindView
    content: Mapping[str, Any]
    """JSON values of some of its fields."""
    id: UUID | None = None
    """The entry, where there is one: it is none of those that are like it."""


def telling(view: KindView) -> Mapping[str, Field]:
    """Return the fields of a kind from which tags follow: terms that lists filter by, and the country."""
    return {
        one.name: one
        for one in view.listed
        if one.filter is not None and (_is_term(one) or _is_country(one)) and one.name != tags_of(view)
    }


def tags_of(view: KindView) -> str:
    """Return the field of a kind that holds tags; empty: it has none of the vocabulary."""
    found = (one.name for one in view.listed if isinstance(one, TermsField) and one.vocabulary == VOCABULARY)
    return next(found, "")


async def entry_of(tables: Tables, schema: str, views: Mapping[str, KindView], id_: UUID) -> EntrySaid | None:
    """Return what the newest revision of an entry says; None: there is no such entry.

    Raises:
        Problem: 503 when the database does not answer.
    """
    row = await tables.row(f"select kind, content from {quoted(schema)}.entry where id = $1", id_)
    return None if row is None else EntrySaid(views[row["kind"]], row["content"], id_)


async def named(tables: Tables, schema: str, asked: EntrySaid) -> tuple[Sequence[Said], Sequence[KnownTag]]:
    """Return what an entry says, with its names, and the tags that may be given.

    Raises:
        Problem: 503 when the database does not answer.
    """
    fields = telling(asked.view)
    terms = [term for name, one in fields.items() for term in one.terms(asked.content.get(name))]
    countries = [name.entry for key, one in fields.items() for name in one.names(asked.content.get(key))]
    rows = await tables.rows(
        _NAMES.format(schema=quoted(schema)),
        [one.vocabulary for one in terms],
        [one.code for one in terms],
        countries,
    )
    names: dict[tuple[str, str], Sequence[str]] = {}
    tags = []
    for row in rows:
        if row["sort"] == VOCABULARY and row["category"] is not None:
            tags.append(KnownTag(row["code"], _written(row["title"]), row["category"]))
        elif row["sort"] == "country":
            names["country", row["code"]] = row["title"]
        else:
            names[row["sort"], row["code"]] = tuple(_written(row["title"]).values())
    return list(_said(fields, asked.content, names))[:MOST_SAID], tags


async def carried(tables: Tables, schema: str, asked: EntrySaid, said: Iterable[Said]) -> Sequence[Carried]:
    """Return which tags stand at published entries that say the same, and at how many.

    Raises:
        Problem: 503 when the database does not answer.
    """
    values: dict[str, list[str]] = {name: [] for name in telling(asked.view)}
    for one in said:
        values[one.field].append(one.value)
    if not any(values.values()):
        return []
    sql = _statement(schema, asked.view)
    return [Carried(**row) for row in await tables.rows(sql, asked.id, *values.values(), long=True)]


def _said(
    fields: Mapping[str, Field], content: Mapping[str, Any], names: Mapping[tuple[str, str], Sequence[str]]
) -> Iterable[Said]:
    for name, field in fields.items():
        for term in field.terms(content.get(name)):
            yield Said(name, term.code, names.get((term.vocabulary, term.code), ()))
        for one in field.names(content.get(name)):
            country = str(one.entry)
            yield Said(name, country, names.get(("country", country), ()), code=False)


def _written(title: Mapping[str, str | None]) -> dict[str, str]:
    return {language: text for language, text in title.items() if text is not None}


@cache
def _statement(schema: str, view: KindView) -> str:
    branches, tags = [], tags_of(view)
    for number, (name, field) in enumerate(telling(view).items(), 2):
        test = f"{name} @> array[asked.value]" if field.COLUMN == "texts" else f"{name} = asked.value"
        said = {"field": name, "number": number, "test": test}
        branches.append(_LIKE_IT.format(schema=quoted(schema), kind=view.name, tags=tags, **said))
    return _CARRIED.format(every=" union all ".join(branches))


def _is_term(field: Field) -> bool:
    return isinstance(field, TermField | TermsField)


def _is_country(field: Field) -> bool:
    return isinstance(field, ReferenceField) and field.kinds == ("country",)
