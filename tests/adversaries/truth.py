"""What must be true of read models whatever happened: they are the fold of the log, and say so."""

import asyncio
import time
from collections.abc import Iterable, Sequence
from decimal import Decimal

from kit.log.digest import digest_of
from kit.postgres.connect import Connection
from projections.builds.fingerprint import fingerprint
from projections.builds.generation import drop, generations
from projections.projection import Projection
from tests.given.lives import Written, store_streams
from tests.projections.driving import contents, follow, follower_of, projector
from tests.projections.made import AUTHOR, AUTHORS
from write_side.log.appender import Appender

_LEADER = (
    "select split_part(holder, ':', 2)::int from project.lease where name = $1 and until > clock_timestamp()"
)

_BEHIND = """
select count(*) from project.generation g join project.cursor c using (schema)
 where g.model = any($1) and g.state = 'current' and c.position = log.head()"""

_BY_AUTHOR = """
select (convert_from(meta, 'utf8')::jsonb ->> 'actor')::uuid as actor, count(*) from log.event
 where type like 'article.%' group by 1"""


async def feed(appender: Appender, written: Sequence[Written]) -> None:
    """Put events into the log, those of each stream in their order, as fast as it takes them."""
    for start in range(0, len(written), 500):
        await store_streams(appender, written[start : start + 500])


async def schema_of(connection: Connection, projection: Projection) -> str | None:
    """Return the current schema of a read model, if there is one."""
    known = await generations(connection, projection.name, fingerprint(projection))
    return next((one.schema for one in known if one.state == "current"), None)


async def leader(connection: Connection, projection: Projection) -> int | None:
    """Return the process that holds the lease of a read model."""
    pid: int | None = await connection.fetchval(_LEADER, await schema_of(connection, projection))
    return pid


async def led_by(connection: Connection, projection: Projection, pid: int, seconds: float) -> float:
    """Wait until a process leads; return after how many seconds, fail when it does not."""
    began = time.monotonic()
    async with asyncio.timeout(seconds):
        while await leader(connection, projection) != pid:  # noqa: ASYNC110 - another process does it
            await asyncio.sleep(0.02)
    return time.monotonic() - began


async def arrived(connection: Connection, projections: Iterable[Projection], seconds: float = 30) -> None:
    """Wait until every read model has taken the whole log."""
    names = [one.name for one in projections]
    async with asyncio.timeout(seconds):
        while await connection.fetchval(_BEHIND, names) < len(names):  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.05)


async def check(dsn: str, projections: Iterable[Projection]) -> None:
    """Fail unless each read model has seen each event once and equals a fresh fold of the log."""
    async with projector(dsn) as connection:
        log = await connection.fetch("select position, id from log.event order by position")
        assert [row["position"] for row in log] == list(range(1, len(log) + 1))
        digest = Decimal(digest_of((row["position"], row["id"]) for row in log))
        for projection in projections:
            known = await generations(connection, projection.name, fingerprint(projection))
            number = next(one.generation for one in known if one.state == "current")
            live = await contents(connection, await follower_of(connection, projection, generation=number))
            assert [(len(log), len(log), digest)] == live["cursor"]
            scratch = await follower_of(connection, projection, generation=known[0].generation + 1)
            await follow(dsn, connection, scratch)
            assert live == await contents(connection, scratch)
            await drop(connection, scratch.generation)


async def check_counts(dsn: str) -> None:
    """Fail unless the count of each author is exact: one repetition or omission would show."""
    async with projector(dsn) as connection:
        schema = await schema_of(connection, AUTHORS)
        found = await connection.fetch(f"select actor, events from {schema}.{AUTHOR.name}")
        wanted = await connection.fetch(_BY_AUTHOR)
    assert {tuple(row) for row in wanted} == {tuple(row) for row in found}
