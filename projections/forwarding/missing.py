"""What the stream of all events lacks: remembered in the database, for every process and verb to see."""

from kit.log.spans import Spans, bounded, merged, without
from kit.postgres.connect import Connection

READER = "forwarder"

_KNOWN = "select first, last from project.missing where reader = $1 and given_up = $2 order by first"

_FORGET = "delete from project.missing where reader = $1 and given_up = $2"

_NOTE = """
insert into project.missing (reader, given_up, first, last)
select $1, $2, * from unnest($3::bigint[], $4::bigint[])"""

_TERM = "update project.lease set term = term + 1, until = clock_timestamp() where name = $1 returning term"

_BACK = """
update project.cursor c
   set position = $2, seen = $2, event = (select e.id from log.event e where e.position = $2),
       term = coalesce($3, c.term), updated_at = clock_timestamp()
 where c.schema = $1"""


async def known(connection: Connection) -> Spans:
    """Return the positions that the stream is known to lack."""
    return await _kept(connection, given_up=False)


async def given_up(connection: Connection) -> Spans:
    """Return the positions that somebody has decided to do without: nobody is told of them any more."""
    return await _kept(connection, given_up=True)


async def note(connection: Connection, missing: Spans) -> None:
    """Remember these positions in the place of those known so far."""
    async with connection.transaction():
        await _keep(connection, bounded(missing), given_up=False)


async def _kept(connection: Connection, *, given_up: bool) -> Spans:
    rows = await connection.fetch(_KNOWN, READER, given_up)
    return tuple((row["first"], row["last"]) for row in rows)


async def _keep(connection: Connection, spans: Spans, *, given_up: bool) -> None:
    await connection.execute(_FORGET, READER, given_up)
    if spans:
        firsts, lasts = zip(*spans, strict=True)
        await connection.execute(_NOTE, READER, given_up, firsts, lasts)


async def send_again(connection: Connection, position: int) -> int:
    """Set the forwarder back, so that it sends every event from a position on once more.

    What is missing before that position counts as given up: nobody is told of it any more. What the stream
    has of it does not: should it be lost later, that is said.

    Args:
        connection: acts as frankenjet_project.
        position: the first event to send.

    Returns:
        How many events that were sent before are sent again; 0: the position has not been sent yet, and
        nothing is changed.
    """
    async with connection.transaction():
        # The lease first: a copy that is at work holds an old term now, and begins again at the cursor.
        term = await connection.fetchval(_TERM, READER)
        sent = await connection.fetchval(
            "select position from project.cursor where schema = $1 for update", READER
        )
        if sent is None or not 1 <= position <= sent:
            return 0
        await connection.execute(_BACK, READER, position - 1, term)
        missing = await known(connection)
        lost = merged([*await given_up(connection), *without(missing, position, sent)])
        await _keep(connection, without(lost, position, sent), given_up=True)
        await _keep(connection, without(missing, 1, position - 1), given_up=False)
        return int(sent) - position + 1
