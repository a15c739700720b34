"""What the write side asks: all that the filters of a list select, and who names an entry, as ids."""

from collections.abc import Awaitable, Callable, Sequence
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from kit.errors import Problem
from kit.postgres.connect import quoted
from kit.problem_types import INVALID_PARAMETER
from read_side.answers.parameters import Parameters
from read_side.entry.brought.cards import Includes
from read_side.entry.kinds import MODEL, Entries
from read_side.entry.lists.page import Asked, Lists
from read_side.entry.questions import NO_FILTERS, list_query
from read_side.fresh.waiting import caught_up
from read_side.sources import Sources

type Select = Callable[[str, str, int], Awaitable[Sequence[UUID]]]


type Namers = Callable[[UUID, Sequence[str], int, int], Awaitable[Sequence[UUID]]]

_NAMERS = """
select x.entry
  from (select entry from {schema}.relation where target = $1
        union
        select entry from {schema}.mention
         where targets && array[$1::text] and field = 'pictures' and shown) x
  join {schema}.entry e on e.id = x.entry
 where (e.kind = any($2::text[]) or cardinality($2::text[]) = 0) order by x.entry limit $3"""


def naming(sources: Sources) -> Namers:
    """Return a function from an entry, kinds, a position and a number to the published entries that name it.

    A picture is asked for in the same way: who shows it names it. Without kinds, those of any kind are meant.

    It waits until that position can be seen; it raises Problem 503 when that takes too long.
    """

    async def namers(entry: UUID, kinds: Sequence[str], position: int, most: int) -> Sequence[UUID]:
        model = sources.model(MODEL)
        await caught_up(sources.served, model, position)
        schema = quoted(sources.served.where(model))
        rows = await sources.tables.rows(_NAMERS.format(schema=schema), entry, list(kinds), most)
        return [row["entry"] for row in rows]

    return namers


def selection(entries: Entries, sources: Sources) -> Select:
    """Return a function from a kind, a query and a number to the ids of what is selected, so many at most.

    The query has the filters of the kind's list, and `after`; it raises Problem and RequestValidationError
    for anything else, as the list does.
    """
    lists = Lists(entries, sources.tables)
    includes = Includes(entries.views, sources.tables)

    @cache
    def parameters(kind: str) -> Parameters[Any]:
        return Parameters(list_query(entries.views[kind], includes))

    async def select(kind: str, query: str, most: int) -> Sequence[UUID]:
        view = entries.views[kind]
        given = parse_qsl(query, keep_blank_values=True)
        for name in {name for name, _ in given} & NO_FILTERS:
            raise Problem(
                INVALID_PARAMETER, errors=[{"parameter": name, "detail": "is no filter: all are selected"}]
            )
        asked: Any = parameters(kind).of(urlencode(given).encode())
        model = sources.model(MODEL)
        await caught_up(sources.served, model, asked.after)
        filters = {
            name: getattr(asked, name) for name in view.filters if getattr(asked, name) not in ([], None)
        }
        locale = asked.locale if view.localized else None
        found = await lists.page(
            view, sources.served.where(model), Asked(locale, filters, asked.sort, most), None
        )
        return [UUID(item["id"]) for item in found.items]

    return select
