"""What the streams of the broker lack: remembered in the database, for every process and verb to see."""

from kit.log.spans import Spans, bounded, merged, without
from kit.postgres.connect import Connection

EVERYTHING, PUBLIC = "forwarder", "public"
"""The readers that fill a stream: with every event, counted by its position in the log; and with what readers
may know, counted by its number."""

_KNOWN = "select first, last from project.missing where reader = $1 and given_up = $2 order by first"

_FORGET = "delete from project.missing where reader = $1 and given_up = $2"

_NOTE = """
insert into project.missing (reader, given_up, first, last)
select $1, $2, * from unnest($3::bigint[], $4::bigint[])"""

_TERM = "update project.lease set term = term + 1, until = clock_timestamp() where name = $1 returning term"

_SENT = "select position from project.cursor where schema = $1 for update"

_NUMBERED_UPTO = "select coalesce(max(sequence), 0) from project.public where position <= $1"

_NUMBERED = "select position from project.public where sequence = $1"

_BACK = """
update project.cursor c
   set position = $2, seen = $2, event = (select e.id from log.event e where e.position = $2),
       term = coalesce($3, c.term), updated_at = clock_timestamp()
 where c.schema = $1"""


async def known(connection: Connection, reader: str = EVERYTHING) -> Spans:
    """Return the places of events that the stream of a reader is known to lack."""
    return await _kept(connection, reader, given_up=False)


async def given_up(connection: Connection, reader: str = EVERYTHING) -> Spans:
    """Return the places that somebody has decided to do without: nobody is told of them any more."""
    return await _kept(connection, reader, given_up=True)


async def note(connection: Connection, missing: Spans, reader: str = EVERYTHING) -> None:
    """Remember these places instead of those known so far."""
    async with connection.transaction():
        await _keep(connection, reader, bounded(missing), given_up=False)


async def place_of(connection: Connection, reader: str, position: int) -> int:
    """Return how many events a reader has sent that has come to a position of the log."""
    return position if reader == EVERYTHING else int(await connection.fetchval(_NUMBERED_UPTO, position))


async def send_again(connection: Connection, place: int, reader: str = EVERYTHING) -> int:
    """Set a reader back, so that it sends every event from a place on once more.

    What is missing before that place counts as given up: nobody is told of it any more. What the stream
    has of it does not: should it be lost later, that is said.

    Args:
        connection: acts as frankenjet_project.
        place: of the first event to send.
        reader: fills the stream.

    Returns:
        How many events that were sent before are sent again; 0: nothing was sent at that place yet, and
        nothing is changed.
    """
    async with connection.transaction():
        # The lease first: a copy that is at work holds an old term now, and begins again at the cursor.
        term = await connection.fetchval(_TERM, reader)
        position = await connection.fetchval(_SENT, reader)
        sent = 0 if position is None else await place_of(connection, reader, position)
        if not 1 <= place <= sent:
            return 0
        first = place if reader == EVERYTHING else await connection.fetchval(_NUMBERED, place)
        await connection.execute(_BACK, reader, first - 1, term)
        missing = await known(connection, reader)
        lost = merged([*await given_up(connection, reader), *without(missing, place, sent)])
        await _keep(connection, reader, without(lost, place, sent), given_up=True)
        await _keep(connection, reader, without(missing, 1, place - 1), given_up=False)
        return sent - place + 1


async def _kept(connection: Connection, reader: str, *, given_up: bool) -> Spans:
    rows = await connection.fetch(_KNOWN, reader, given_up)
    return tuple((row["first"], row["last"]) for row in rows)


async def _keep(connection: Connection, reader: str, spans: Spans, *, given_up: bool) -> None:
    await connection.execute(_FORGET, reader, given_up)
    if spans:
        firsts, lasts = zip(*spans, strict=True)
        await connection.execute(_NOTE, reader, given_up, firsts, lasts)
