"""Checks that the tables of a read model are what the log comes to: folded afresh, and compared."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Table, Uuid

from events.reading import reader_of
from kit.log.source import LogSource
from kit.postgres.connect import AWAY, Connection, quoted
from kit.postgres.server_watch import watched_connection
from projections.builds.fingerprint import fingerprint
from projections.builds.generation import Generation, drop, generations, is_filled, make, not_whole
from projections.engine.follower import Follower
from projections.engine.loop import tell_nobody
from projections.projection import Projection
from projections.rebuild.replay import begin, replay
from projections.rebuild.slices import plan
from projections.rebuild.worker import BuildModule
from projections.verify.verdict import Mistakes, Progressed, Verdict

PARTS = 4096
"""A table is compared in so many parts; only of those that differ are rows looked at."""

AT_ONCE = 16
"""Parts that differ whose rows are looked at together."""

SCRATCH = "scratch"
"""Stands where a generation has its fingerprint, so that nothing else takes it for one."""

_PARTS = f"""
select hashtextextended(concat_ws('/', {{keys}}), 0) & {PARTS - 1} as part, count(*) as rows,
       sum(hashtextextended(row({{columns}})::text, 0)::numeric) as sum
  from {{table}} group by 1"""

_ROWS = f"""
select concat_ws('/', {{keys}}) as key, md5(row({{columns}})::text) as hash, array[{{ids}}]::uuid[] as ids
  from {{table}} where hashtextextended(concat_ws('/', {{keys}}), 0) & {PARTS - 1} = any($1)"""

_SCRATCHES = """
select model, fingerprint, generation, schema, state from project.generation where fingerprint = $1"""


_FILLS = "readers get 503 until a projector or `frankenjet rebuild` has filled them"


class ComparedAt(NamedTuple):
    """Tables of a model that stand still, and the position that they stand at."""

    connection: Connection
    generation: Generation
    position: int


async def tables(
    dsn: str, projection: Projection, made: BuildModule, *, jobs: int, told: Progressed
) -> Verdict:
    """Compare the current tables of a model with a fresh fold of the log up to their cursor.

    Args:
        dsn: address of the database.
        projection: the model.
        made: where worker processes find it and the codec.
        jobs: worker processes.
        told: told the progress.
    """
    name = projection.name
    async with _held(dsn, projection) as live:
        if live is None:
            return Verdict(name, ok=False, detail=f"there are no current tables of it: {_FILLS}")
        if await not_whole(live.connection, [(projection, live.generation.schema)]):
            return Verdict(name, ok=False, detail=f"tables of it are missing: {_FILLS}")
        before = [await _parts(live, table) for table in projection.tables]
        try:
            async with _folded(dsn, projection, made, live.position, jobs=jobs, told=told) as fresh:
                return await _compared(live, before, fresh, projection)
        except AWAY:
            raise
        except Exception as error:  # noqa: BLE001 - whatever else stops the fold is what is wrong
            return Verdict(
                name, ok=False, detail=f"the log cannot be folded: {type(error).__name__}: {error}"
            )


async def _compared(
    live: ComparedAt, before: Sequence[dict[int, tuple[int, int]]], fresh: ComparedAt, projection: Projection
) -> Verdict:
    wrong = Mistakes()
    aside = await _aside(live)
    for stream in await _aside(fresh) - aside:
        wrong.add(f"entity {stream} cannot be folded any more")
    for table, parts in zip(projection.tables, before, strict=True):
        again = await _parts(fresh, table)
        differing = sorted(part for part in parts.keys() | again.keys() if parts.get(part) != again.get(part))
        for first in range(0, len(differing), AT_ONCE):
            some = differing[first : first + AT_ONCE]
            for key in await _differing(live, fresh, table, some, aside):
                wrong.add(f"{table.name} {key} is not what its events come to")
    count = sum(rows for parts in before for rows, _ in parts.values())
    parked = f"; {len(aside)} entities are parked and were left out" if aside else ""
    return wrong.verdict(projection.name, f"{count:,} rows are the fold of {live.position:,} events{parked}")


@asynccontextmanager
async def _held(dsn: str, projection: Projection) -> AsyncIterator[ComparedAt | None]:
    """Hold one snapshot, in which tables and cursor of the current generation agree."""
    async with (
        _connected(dsn) as connection,
        connection.transaction(isolation="repeatable_read", readonly=True),
    ):
        known = await generations(connection, projection.name, fingerprint(projection))
        current = next((one for one in known if one.state == "current"), None)
        if current is None:
            yield None
            return
        position = await connection.fetchval(
            "select position from project.cursor where schema = $1", current.schema
        )
        yield ComparedAt(connection, current, position)


@asynccontextmanager
async def _folded(
    dsn: str, projection: Projection, made: BuildModule, upto: int, *, jobs: int, told: Progressed
) -> AsyncIterator[ComparedAt]:
    """Fold the log up to a position into a schema that is dropped afterwards."""
    async with _connected(dsn) as connection:
        for row in await connection.fetch(_SCRATCHES, SCRATCH):
            await drop(connection, Generation(*row), _is_forgotten)
        number = connection.get_server_pid()
        if projection.by_stream:
            scratch = await begin(connection, projection, SCRATCH, number)
        else:
            scratch = await make(
                connection, projection, SCRATCH, generation=number, state="filling", indexed=True
            )
        try:
            if projection.by_stream:
                await plan(connection, scratch.schema, upto)
                await replay(
                    dsn, made, scratch, jobs=jobs, told=lambda one: told(projection.name, one.done, one.of)
                )
            else:
                await _follow(dsn, connection, projection, made, scratch, upto, told)
            yield ComparedAt(connection, scratch, upto)
        finally:
            await drop(connection, scratch)


async def _is_forgotten(connection: Connection, generation: Generation) -> bool:
    """Tell whether a run that was killed has left it."""
    return not await is_filled(connection, generation.schema)


async def _follow(
    dsn: str,
    connection: Connection,
    projection: Projection,
    made: BuildModule,
    scratch: Generation,
    upto: int,
    told: Progressed,
) -> None:
    """Fold event by event in the order of the log, where the order between streams matters.

    Raises:
        LookupError: the log ends before that position, as after a restore.
    """
    follower = Follower(projection, scratch, f"verify {scratch.generation}")
    await follower.lead(connection)
    async with LogSource(dsn, reader_of(made.reader()), "frankenjet verify source") as source:
        while follower.position < upto:
            items = await source.read(follower.position, min(1_000, upto - follower.position))
            if not items:
                raise LookupError(f"the log ends at {follower.position:,}, the tables stand at {upto:,}")
            await follower.apply_all(connection, items, tell_nobody)
            await follower.lead(connection)
            told(projection.name, follower.position, upto)


async def _parts(place: ComparedAt, table: Table) -> dict[int, tuple[int, int]]:
    rows = await place.connection.fetch(_sql(_PARTS, place.generation, table))
    return {row["part"]: (row["rows"], row["sum"]) for row in rows}


async def _differing(
    live: ComparedAt, fresh: ComparedAt, table: Table, parts: Sequence[int], aside: set[UUID]
) -> list[str]:
    """Return keys of rows that differ and belong to no entity that was put aside."""
    one = await live.connection.fetch(_sql(_ROWS, live.generation, table), parts)
    other = await fresh.connection.fetch(_sql(_ROWS, fresh.generation, table), parts)
    hashes = {row["key"]: row["hash"] for row in one}
    again = {row["key"]: row["hash"] for row in other}
    excused = {row["key"] for row in (*one, *other) if not aside.isdisjoint(row["ids"])}
    return sorted(
        key for key in (hashes.keys() | again.keys()) - excused if hashes.get(key) != again.get(key)
    )


async def _aside(place: ComparedAt) -> set[UUID]:
    rows = await place.connection.fetch(
        "select stream from project.parked where schema = $1"
        " union select stream from project.skipped where schema = $1",
        place.generation.schema,
    )
    return {row["stream"] for row in rows}


def _sql(template: str, generation: Generation, table: Table) -> str:
    def names(columns: Any) -> str:
        return ", ".join(quoted(column.name) for column in columns)

    return template.format(
        keys=names(table.primary_key),
        columns=names(table.columns),
        ids=names(column for column in table.columns if isinstance(column.type, Uuid)),
        table=f"{quoted(generation.schema)}.{quoted(table.name)}",
    )


def _connected(dsn: str) -> AbstractAsyncContextManager[Connection]:
    return watched_connection(
        dsn,
        "frankenjet verify",
        statement_timeout="0",
        lock_timeout="30000",
        idle_in_transaction_session_timeout="0",
        client_connection_check_interval="10000",
    )
