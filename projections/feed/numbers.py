"""Numbers the events that readers may know: 1, 2, 3 … in the order of the log, each once and for good.

A number that was given stays, whatever a later build thinks of its event: docs/adr says why.
"""

import asyncio
from collections.abc import Iterable
from contextlib import suppress

from kit.health.tasks import Task
from kit.log.line import Line
from kit.postgres.connect import AWAY, PROJECTOR, Connection, connect, hang_up, quoted
from kit.postgres.server_watch import answered_within
from kit.retry import before_retry
from projections.builds.generation import Generation
from projections.engine.follower import Committed
from projections.feed.projection import PUBLIC_TAG
from read_side.feed.table import MODEL

LOOK_SECONDS = 20.0
"""Seconds between two looks while nothing is heard of new rows: another process may have written them, and
may have died before it numbered them."""

HELD_SECONDS = 2.0
"""For which a connection is held after the last of them."""

TOGETHER = 0.01
"""Seconds between two of them: while much comes, what has come by then is numbered together."""

RETRY_SECONDS = 1.0

ANSWER_SECONDS = 3.0
"""For one look or one transaction, after which the server counts as gone."""

AT_ONCE = 10_000
"""Events that are numbered in one transaction."""


_CURRENT = """
select schema from project.generation where model = $1 and fingerprint = $2 and state = 'current'"""

_LACKS = """
select exists (select from {schema}.event f
                where f.public and f.position > (select coalesce(max(position), 0) from project.public))"""

_ONE_AT_A_TIME = "select pg_advisory_xact_lock(hashtext('frankenjet public numbers'))"

_NUMBER = """
with last as (
  select coalesce(max(sequence), 0) as number, coalesce(max(position), 0) as at from project.public),
upto as (
  select least(c.position, (select min(position) - 1 from project.parked where schema = c.schema)) as at
    from project.cursor c where c.schema = $1)
insert into project.public (sequence, position)
select last.number + row_number() over (order by next.position), next.position
  from last, (select f.position from last, upto, {schema}.event f
               where f.public and f.position > last.at and f.position <= upto.at
               order by f.position limit $2) next"""
"""`least` leaves null out. Where an event was put aside, numbers wait for it, as the forwarder does."""


async def number(connection: Connection, schema: str, most: int = AT_ONCE) -> int:
    """Number what is new in the feed of a schema; return how many events that was.

    Args:
        connection: acts as frankenjet_project, in no transaction. It is ended when it is silent for long.
        schema: of a current generation of the feed.
        most: events that are numbered in one transaction.
    """
    count = 0
    while True:
        with answered_within(ANSWER_SECONDS, connection.terminate):
            async with connection.transaction():
                await connection.execute(_ONE_AT_A_TIME)
                told: str = await connection.execute(_NUMBER.format(schema=quoted(schema)), schema, most)
        done = int(told.rpartition(" ")[2])
        count += done
        if done < most:
            return count


class Numbering:
    """Gives numbers whenever the feed has grown, without end.

    Args:
        dsn: address of the database.
        fingerprint: of the feed of this build.
        line: a connection that others of this process use as well, to see whether there is anything to do.
        task: where it notes how it does.

    Attributes:
        given: set when there are new numbers.
        looked: set when the feed has grown, and what readers may know of it has its numbers.
    """

    def __init__(self, dsn: str, fingerprint: str, line: Line, task: Task) -> None:
        self._dsn = dsn
        self._fingerprint = fingerprint
        self._line = line
        self._task = task
        self._grown = asyncio.Event()
        self.given = asyncio.Event()
        self.looked = asyncio.Event()

    def after(self, committed: Committed) -> Committed:
        """Return what is told of commits, and lets numbers be given to what readers may know of them."""

        async def told(generation: Generation, tags: Iterable[str], position: int) -> None:
            if generation.model == MODEL:
                (self._grown if PUBLIC_TAG in tags else self.looked).set()
            await committed(generation, tags, position)

        return told

    async def run(self) -> None:
        """Number what is there, and whatever comes; a connection is held only while something does."""
        while True:
            self._task.beat(well=True)
            try:
                if self._grown.is_set() or await self._lacks():
                    await self._while_it_grows()
            except AWAY as error:
                self._task.failed(error)
                await before_retry(RETRY_SECONDS)
                continue
            with suppress(TimeoutError):
                await asyncio.wait_for(self._grown.wait(), LOOK_SECONDS)

    async def _lacks(self) -> bool:
        """Tell whether something has no number yet, or is not built yet."""
        async with self._line.lent() as connection:
            with answered_within(ANSWER_SECONDS, connection.terminate):
                schema = await connection.fetchval(_CURRENT, MODEL, self._fingerprint)
                return schema is None or await connection.fetchval(_LACKS.format(schema=quoted(schema)))

    async def _while_it_grows(self) -> None:
        connection = await connect(self._dsn, "frankenjet numbers", PROJECTOR)
        try:
            grows = True
            while grows:
                self._task.beat(well=True)
                self._grown.clear()
                with answered_within(ANSWER_SECONDS, connection.terminate):
                    schema = await connection.fetchval(_CURRENT, MODEL, self._fingerprint)
                given = schema is not None and await number(connection, schema)
                if given:
                    self.given.set()
                self.looked.set()
                if given:
                    await asyncio.sleep(TOGETHER)
                try:
                    await asyncio.wait_for(self._grown.wait(), HELD_SECONDS)
                except TimeoutError:
                    grows = schema is None  # its tables are being filled
        finally:
            await hang_up(connection)
