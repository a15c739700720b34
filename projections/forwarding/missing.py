"""What the stream of all events lacks: remembered in the database, for every process and verb to see."""

from kit.log.spans import Spans, bounded
from kit.postgres.connect import Connection

READER = "forwarder"

_KNOWN = "select first, last from project.missing where reader = $1 and not given_up order by first"

_GIVEN_UP = "select coalesce(max(last), 0) from project.missing where reader = $1 and given_up"

_FORGET = "delete from project.missing where reader = $1 and not given_up"

_GIVE_UP = """
insert into project.missing (reader, first, last, given_up) values ($1, 1, $2, true)
on conflict (reader, given_up, first) do update set last = excluded.last, noticed_at = clock_timestamp()"""

_NOTE = (
    "insert into project.missing (reader, first, last) select $1, * from unnest($2::bigint[], $3::bigint[])"
)

_TERM = "update project.lease set term = term + 1, until = clock_timestamp() where name = $1 returning term"

_BACK = """
update project.cursor c
   set position = $2, seen = $2, event = (select e.id from log.event e where e.position = $2),
       term = coalesce($3, c.term), updated_at = clock_timestamp()
 where c.schema = $1"""


async def known(connection: Connection) -> Spans:
    """Return the positions that the stream is known to lack."""
    return tuple((row["first"], row["last"]) for row in await connection.fetch(_KNOWN, READER))


async def given_up(connection: Connection) -> int:
    """Return the position up to which nobody cares any more what the stream lacks."""
    return int(await connection.fetchval(_GIVEN_UP, READER))


async def note(connection: Connection, missing: Spans) -> None:
    """Remember these positions in the place of those known so far."""
    async with connection.transaction():
        await connection.execute(_FORGET, READER)
        if spans := bounded(missing):
            firsts, lasts = zip(*spans, strict=True)
            await connection.execute(_NOTE, READER, firsts, lasts)


async def send_again(connection: Connection, position: int) -> int:
    """Set the forwarder back, so that it sends every event from a position on once more.

    What is missing before that position counts as given up: nobody is told of it any more.

    Args:
        connection: acts as frankenjet_project.
        position: the first event to send.

    Returns:
        How many events that were sent before are sent again; 0: the position has not been sent yet, and
        nothing is changed.
    """
    async with connection.transaction():
        # The lease first: whoever is at work holds an old term now, and begins again at the cursor.
        term = await connection.fetchval(_TERM, READER)
        sent = await connection.fetchval(
            "select position from project.cursor where schema = $1 for update", READER
        )
        if sent is None or not 1 <= position <= sent:
            return 0
        await connection.execute(_BACK, READER, position - 1, term)
        await connection.execute(_GIVE_UP, READER, position - 1)
        left = [(max(first, position), last) for first, last in await known(connection)]
        await note(connection, tuple(span for span in left if span[0] <= span[1]))
        return int(sent) - position + 1
