"""A projection of the tests' own beside the real ones: a count for each author, spoilt by any repetition."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import BigInteger, Column, MetaData, Table, Uuid

from events.base import Recorded
from events.codec import CODEC
from events.kinds.article import ARTICLE
from projections.catalog import PROJECTIONS as REAL
from projections.projection import Projection, Put, RowKey, Rows

AUTHOR = Table(
    "author",
    MetaData(),
    Column("actor", Uuid, primary_key=True),
    Column("events", BigInteger, nullable=False),
)


def count(recorded: Recorded[Any], rows: Rows) -> Iterable[Put]:
    """Add one to the author's count: applying an event twice would show."""
    known = rows.get(AUTHOR, recorded.meta.actor)
    before = known["events"] if known else 0
    yield Put(AUTHOR, {"actor": recorded.meta.actor, "events": before + 1})


def authors_row(recorded: Recorded[Any]) -> list[tuple[Table, RowKey]]:
    return [(AUTHOR, (recorded.meta.actor,))]


AUTHORS = Projection(
    name="authors",
    tables=(AUTHOR,),
    handlers=dict.fromkeys(ARTICLE.life, count),
    needs=authors_row,
    tags=lambda _recorded: ["authors"],
    parked_tag=str,
    by_stream=False,
)

PROJECTIONS = (*REAL, AUTHORS)

__all__ = ["AUTHOR", "AUTHORS", "CODEC", "PROJECTIONS"]
