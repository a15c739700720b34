"""Reads what is known of pictures; one that is suppressed is there for nobody but moderators."""

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from events.content.pictures import DESCRIPTION
from kit.postgres.connect import quoted
from read_side.tables import Tables

FILES = "/v1/media/files/"
"""Where the bytes of pictures are."""

HIDDEN = "exists (select from {schema}.media hidden where hidden.file = m.file and hidden.suppressed)"
"""Of a picture m: it, or one with the same bytes that came in another file, is shown to nobody."""

_COLUMNS = (
    "m.id::text, m.version, m.file, m.key, m.size, m.type, m.width, m.height, m.colour, m.said, "
    f"{HIDDEN} as suppressed, m.registered, m.registered_at, m.updated_at"
)

_ONE = f"""
select {_COLUMNS},
       (select min(position) from project.parked where schema = $3 and stream = $1) as parked
  from (select) always left join {{schema}}.media m on m.id = $1 and ($2 or not {HIDDEN})"""

_PAGE = f"""
select {_COLUMNS} from {{schema}}.media m
 where not m.suppressed and not {HIDDEN} and m.registered < $1 order by m.registered desc limit $2"""

_FILE = f"select key, size, type from {{schema}}.media m where file = $1 and not {HIDDEN} limit 1"


class FoundMedia(NamedTuple):
    """A picture, or why there is none."""

    document: dict[str, Any] | None
    parked: int | None
    """Position of an event of it that was put aside."""


class MediaFile(NamedTuple):
    """A file that may be shown."""

    key: str
    """In storage."""
    size: int
    type: str


async def one(tables: Tables, schema: str, id_: UUID, *, everything: bool) -> FoundMedia:
    """Read a picture.

    Args:
        tables: where to read.
        schema: of the read model.
        id_: its id.
        everything: whether one that is suppressed is there.

    Raises:
        Problem: 503 when the database does not answer.
    """
    row = await tables.row(_ONE.format(schema=quoted(schema)), id_, everything, schema)
    return FoundMedia(None if row["id"] is None else document(row), row["parked"])


async def page(tables: Tables, schema: str, before: int, limit: int) -> Sequence[Any]:
    """Read the rows of some pictures, newest first, that were registered before a position."""
    return await tables.rows(_PAGE.format(schema=quoted(schema)), before, limit)


async def file(tables: Tables, schema: str, name: str) -> MediaFile | None:
    """Read where the file of this name is; None: there is none, or nobody may see it."""
    row = await tables.row(_FILE.format(schema=quoted(schema)), name)
    return None if row is None else MediaFile(*row)


def document(row: Any) -> dict[str, Any]:
    """Return a picture as JSON."""
    facts = {name: row[name] for name in ("id", "version", "type", "width", "height", "colour", "size")}
    moments = {name: row[name] for name in ("suppressed", "registered_at", "updated_at")}
    said = {one.name: row["said"][one.name] for one in DESCRIPTION}
    return facts | {"url": FILES + row["file"]} | said | moments
