"""Fills a generation of a read model beside the one that readers use: slices, indexes, then follow."""

import asyncio
import multiprocessing
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import Table

from kit.postgres.connect import Connection, quoted
from kit.postgres.server_watch import watched_connection
from kit.running.ending import end
from projections.builds.generation import Generation, add_indexes, make
from projections.projection import Projection
from projections.rebuild.fill import COPYING, fill
from projections.rebuild.slices import GONE, LONG, Aborted, Slice, open_slices, plan, progress, total
from projections.rebuild.worker import BuildModule, begin_worker, fill_slice

_PHASE = "select state from project.generation where schema = $1"

_ARRIVE = """
update project.cursor set position = $2, seen = $3, digest = $4,
       event = (select id from log.event where position = $2), updated_at = clock_timestamp()
 where schema = $1"""

_FLOOR = """
insert into project.purged (schema, upto) values ($1, $2)
on conflict (schema) do update set upto = greatest(project.purged.upto, excluded.upto)"""
"""A replay leaves no purge tags: copies from before its end are not to be believed."""

_STATE = "update project.generation set state = 'following' where schema = $1 and state = 'filling'"


LITTLE = 100
"""Events of a log that is filled without a worker process: one takes far longer to start."""


class Progress(NamedTuple):
    """How far a rebuild is."""

    phase: str
    """replay, index or follow."""
    done: int
    """Events replayed."""
    of: int


async def begin(connection: Connection, projection: Projection, fingerprint: str, number: int) -> Generation:
    """Make an empty generation for a rebuild: its tables have no secondary indexes yet."""
    return await make(connection, projection, fingerprint, generation=number, state="filling", indexed=False)


async def replay(
    dsn: str,
    made: BuildModule,
    generation: Generation,
    *,
    jobs: int,
    told: Callable[[Progress], None],
    long: int = LONG,
) -> None:
    """Fill a generation up to the present head of the log; picks up where a killed run stopped.

    Args:
        dsn: address of the database.
        made: where workers find the projection and the codec.
        generation: in state "filling".
        jobs: worker processes.
        told: called with the progress after each slice.
        long: a stream with more events than this is filled page by page.

    Raises:
        Aborted: the generation has been dropped meanwhile.
    """
    projection = made.projection(generation.model)
    if not projection.by_stream:
        raise ValueError("a read model that needs the order between streams is filled by following the log")
    try:
        async with _patient(dsn) as connection:
            phase = await connection.fetchval(_PHASE, generation.schema)
            if phase is None:
                raise Aborted(generation.schema)
            if phase != "filling":
                return
            await plan(connection, generation.schema, await connection.fetchval("select log.head()"), long)
            waiting = await open_slices(connection, generation.schema)
            await _fill_all(connection, dsn, made, generation, waiting, jobs, told)
            await _index(connection, dsn, projection, generation, jobs, told)
            await _arrive(connection, generation)
    except GONE:
        raise Aborted(generation.schema) from None


async def _fill_all(
    connection: Connection,
    dsn: str,
    made: BuildModule,
    generation: Generation,
    waiting: list[Slice],
    jobs: int,
    told: Callable[[Progress], None],
) -> None:
    if not waiting:
        return
    if len(waiting) == 1 and waiting[0].target <= LITTLE:
        await _fill_here(dsn, made, generation, waiting[0])
        seen, _, target = await total(connection, generation.schema)
        told(Progress("replay", seen, target))
        return
    loop = asyncio.get_running_loop()
    context = multiprocessing.get_context("spawn")
    count = max(1, min(jobs, len(waiting)))
    over, held = context.Pipe(duplex=False)
    workers = ProcessPoolExecutor(count, mp_context=context, initializer=begin_worker, initargs=(over,))
    try:
        running = [loop.run_in_executor(workers, fill_slice, dsn, made, generation, one) for one in waiting]
        for one in running:
            one.add_done_callback(lambda done: done.cancelled() or done.exception())  # the first one is told
        for filled in asyncio.as_completed(running):
            await filled
            seen, _, target = await total(connection, generation.schema)
            told(Progress("replay", seen, target))
    finally:
        workers.shutdown(wait=False, cancel_futures=True)
        held.close()  # a slice that is under way ends here, and is gone on with another time
        over.close()


async def _fill_here(dsn: str, made: BuildModule, generation: Generation, slice_: Slice) -> None:
    """Fill a slice in this process."""
    async with watched_connection(dsn, "frankenjet rebuild", **COPYING) as connection:
        projection = made.projection(generation.model)
        await fill(connection, made.reader(), projection, generation.schema, slice_)


async def _index(
    connection: Connection,
    dsn: str,
    projection: Projection,
    generation: Generation,
    jobs: int,
    told: Callable[[Progress], None],
) -> None:
    """Give the tables their secondary indexes, and the server a picture of what they hold, side by side."""
    seen, _, target = await total(connection, generation.schema)
    told(Progress("index", seen, target))
    waiting, most = iter(projection.tables), min(jobs, len(projection.tables))

    async def work(one: Connection) -> None:
        for table in waiting:
            async with one.transaction():
                await one.execute(f"set local search_path = {quoted(generation.schema)}")
                await one.execute("set local maintenance_work_mem = '128MB'")
                await add_indexes(one, table)
            await one.execute(_analyze(generation.schema, table))

    async with AsyncExitStack() as opened:
        others = [await opened.enter_async_context(_patient(dsn)) for _ in range(1, most)]
        working = [asyncio.create_task(work(one)) for one in (connection, *others)]
        try:
            await asyncio.gather(*working)
        finally:
            await end(*working)


def _patient(dsn: str) -> AbstractAsyncContextManager[Connection]:
    """Open a connection that takes its time, and writes to the disk piece by piece."""
    return watched_connection(
        dsn, "frankenjet rebuild", statement_timeout="0", lock_timeout="0", backend_flush_after="256kB"
    )


async def _arrive(connection: Connection, generation: Generation) -> None:
    """Put the cursor where the slices end: from there on the generation follows the log."""
    seen, digest, target = await total(connection, generation.schema)
    done, slices = await progress(connection, generation.schema)
    if seen != target or done != slices:
        raise RuntimeError(f"the slices hold {seen} of {target} events")
    async with connection.transaction():
        await connection.execute(_ARRIVE, generation.schema, target, seen, Decimal(digest))
        if await connection.execute(_STATE, generation.schema) != "UPDATE 1":
            raise Aborted(generation.schema)
        await connection.execute(_FLOOR, generation.schema, target)


def _analyze(schema: str, table: Table) -> str:
    """Return the SQL that looks at what rows are found by: at texts it would take longer than all of that."""
    columns = {column.name for column in table.primary_key}
    for index in table.indexes:
        columns |= {column.name for column in index.columns}
    return f"analyze {quoted(schema)}.{quoted(table.name)} ({', '.join(map(quoted, sorted(columns)))})"
