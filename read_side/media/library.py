"""Reads what is known of pictures; one that is suppressed is there for nobody but moderators."""

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from events.content.localized import LANGUAGES, Localized, LocalizedLineField
from events.content.pictures import DESCRIPTION
from events.content.texts import LineField
from kit.pictures.variants import Focus
from kit.postgres.connect import quoted
from read_side.pictures import FILES, HIDDEN, focus_of, sources
from read_side.tables import Tables

_COLUMNS = (
    "m.id::text, m.version, m.file, m.key, m.size, m.type, m.width, m.height, m.colour, m.said, "
    f"{HIDDEN} as suppressed, m.registered, m.registered_at, m.updated_at"
)

_WORDS = (
    "lower(concat_ws(' ', "
    + ", ".join(
        f"m.said->'{one.name}'->>'{language}'" if one.stored is Localized else f"m.said->>'{one.name}'"
        for one in DESCRIPTION
        if isinstance(one, LocalizedLineField | LineField)
        for language in (LANGUAGES if one.stored is Localized else ("",))
    )
    + "))"
)
"""SQL: all that is said of a picture in words, in small letters."""

USERS = 100
"""Entries that are told of those that show a picture."""

_ONE = f"""
select {_COLUMNS},
       (select min(position) from project.parked where schema = $3 and stream = $1) as parked
  from (select) always left join {{schema}}.media m on m.id = $1 and ($2 or not {HIDDEN})"""

_PAGE = f"""
select {_COLUMNS} from {{schema}}.media m
 where not m.suppressed and not {HIDDEN} and m.registered < $1
   and ($3::text is null or position(lower($3) in {_WORDS}) > 0)
   and ($4::text is null or m.said->>'licence' = $4)
   and ($5::text is null or m.said->>'author' = $5)
   and ($6::boolean is null or $6 <> exists (
         select from {{schema}}.mention n where n.targets && array[m.id::text] and n.shown))
   and ($7::text is null or exists (
         select from {{schema}}.mention n join {{schema}}.entry e on e.id = n.entry
          where n.targets && array[m.id::text] and n.shown and e.kind = $7))
 order by m.registered desc limit $2"""

_USED_BY = """
select e.kind, e.id::text, e.locale, e.slug, n.shown,
       case when n.shown then to_json(e.title) else e.content -> 'title' end as title
  from (select entry, bool_or(shown) as shown from {schema}.mention
         where targets && array[$1::text] and field = 'pictures' and (shown or $2)
         group by entry order by entry limit $3) n
  join {schema}.entry e on e.id = n.entry
 order by n.entry"""

_FILE = f"""
select m.id, m.file, m.key, m.size, m.type, m.width, m.height, m.said
  from {{schema}}.media m where m.file = any($1) and not {HIDDEN} order by m.registered"""


class FoundMedia(NamedTuple):
    """A picture, or why there is none."""

    document: dict[str, Any] | None
    parked: int | None
    """Position of an event of it that was put aside."""


class MediaFile(NamedTuple):
    """A picture that may be shown, as it is kept."""

    id: UUID
    file: str
    """Its name."""
    key: str
    """In storage."""
    size: int
    type: str
    width: int
    height: int
    focus: Focus


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


class LibraryQuestion(NamedTuple):
    """What is asked of the pictures of a list; None: nothing."""

    words: str | None = None
    """In what is said of it, in small or large letters."""
    licence: str | None = None
    author: str | None = None
    unused: bool | None = None
    """Whether no published entry shows it."""
    used_in: str | None = None
    """A kind, of which a published entry shows it."""


async def page(
    tables: Tables, schema: str, before: int, limit: int, wanted: LibraryQuestion
) -> Sequence[Any]:
    """Read the rows of some pictures, newest first, that were registered before a position."""
    return await tables.rows(_PAGE.format(schema=quoted(schema)), before, limit, *wanted)


async def used_by(tables: Tables, schema: str, id_: UUID, *, drafts: bool) -> list[dict[str, Any]]:
    """Read the first entries that show a picture, as readers see them.

    Args:
        tables: where to read.
        schema: of the read model.
        id_: the picture.
        drafts: whether those whose newest revision alone shows it are told as well.

    Raises:
        Problem: 503 when the database does not answer.
    """
    rows = await tables.rows(_USED_BY.format(schema=quoted(schema)), str(id_), drafts, USERS)
    return [user(row) for row in rows]


def user(row: Any) -> dict[str, Any]:
    """Return an entry that shows a picture, as JSON."""
    locale = {} if row["locale"] is None else {"locale": row["locale"]}
    named = {"slug": row["slug"], "title": row["title"]}
    state = "published" if row["shown"] else "draft"
    return {"kind": row["kind"], "id": row["id"]} | locale | named | {"state": state}


async def files(tables: Tables, schema: str, *names: str) -> list[MediaFile]:
    """Read which pictures are kept under one of these names; none: there is none, or nobody may see it.

    Several that were sent may be the same, with other words and another point that matters.

    Raises:
        Problem: 503 when the database does not answer.
    """
    rows = await tables.rows(_FILE.format(schema=quoted(schema)), list(names))
    told = ("id", "file", "key", "size", "type", "width", "height")
    return [MediaFile(**{name: row[name] for name in told}, focus=focus_of(row["said"])) for row in rows]


def document(row: Any) -> dict[str, Any]:
    """Return a picture as JSON."""
    facts = {name: row[name] for name in ("id", "version", "type", "width", "height", "colour", "size")}
    moments = {name: row[name] for name in ("suppressed", "registered_at", "updated_at")}
    said = {one.name: row["said"][one.name] for one in DESCRIPTION}
    forms = sources(row["file"], row["width"], row["height"], row["said"])
    return facts | {"url": FILES + row["file"]} | forms | said | moments
