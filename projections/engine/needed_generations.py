"""Which generations this build follows, which it lacks, which are left over from other builds."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures.process import BrokenProcessPool

import structlog

from kit.log.leader import RESTART_SECONDS
from kit.postgres.connect import AWAY, Connection
from kit.postgres.server_watch import watched_connection
from kit.retry import before_retry
from projections.builds.fingerprint import fingerprint
from projections.builds.generation import Generation, fills, generations, generations_of, is_filled, make
from projections.engine.swap import make_current
from projections.projection import Projection
from projections.rebuild.replay import Progress, begin, replay
from projections.rebuild.slices import Aborted
from projections.rebuild.worker import BuildModule

log = structlog.get_logger()

FEW_EVENTS = 20_000
"""A log of so many events is followed from its beginning; a longer one is replayed in slices first."""

_WAIT = "select pg_advisory_lock(726572, hashtext($1))"
_TRY = "select pg_try_advisory_lock(726572, hashtext($1))"
"""Not the number under which appends are locked: a hash may be any number."""

_NEAR = """
select newest.position is null or case
         when newest.recorded_at > clock_timestamp() then newest.position - $1 <= $2
         else not exists (select from log.event
                           where position = $1 + 1 and recorded_at < clock_timestamp() - interval '1 s') end
  from (select 1) one left join lateral (
    select position, recorded_at from log.event order by position desc limit 1) newest on true"""

FEW = 50
"""Events behind the log that are near enough while it is ahead of the clock: ages say nothing then."""

_ALL = "select model, fingerprint, generation, schema, state from project.generation order by made_at"


async def followed(
    connection: Connection, projections: Sequence[Projection]
) -> list[tuple[Projection, Generation]]:
    """Return the generations to keep up to date: the current ones and those that are about to be."""
    ours = {one.name: one for one in projections}
    known = await generations_of(connection, [(one.name, fingerprint(one)) for one in projections])
    return [(ours[one.model], one) for one in known if one.state in {"current", "following"}]


async def lacking(connection: Connection, projections: Sequence[Projection]) -> list[Projection]:
    """Return the read models that this build has no current generation of."""
    known = await generations_of(connection, [(one.name, fingerprint(one)) for one in projections])
    current = {one.model for one in known if one.state == "current"}
    return [one for one in projections if one.name not in current]


async def left_over(connection: Connection, projections: Sequence[Projection]) -> list[Generation]:
    """Return the generations that this build neither serves nor fills, and that nobody else is filling."""
    ours = {(one.name, fingerprint(one)) for one in projections}
    rows = [Generation(*row) for row in await connection.fetch(_ALL)]
    others = [one for one in rows if one.state == "old" or (one.model, one.fingerprint) not in ours]
    return [one for one in others if not await is_filled(connection, one.schema)]


async def prepare(
    dsn: str, projection: Projection, made: BuildModule, *, jobs: int = 2, told: Callable[[Progress], None]
) -> Generation:
    """Bring a read model that has no current generation to where it can follow; resumes what was begun.

    Two processes that start at once agree through an advisory lock: the second waits for the first.

    Args:
        dsn: address of the database.
        projection: the read model.
        made: where worker processes find it.
        jobs: worker processes of a replay.
        told: called with its progress.
    """
    name = fingerprint(projection)
    async with watched_connection(
        dsn, "frankenjet prepare", lock_timeout="0", statement_timeout="0"
    ) as connection:
        for lock in (None, _WAIT):  # one that finds it ready need not wait for a fresh one that is filled
            if lock is not None:
                await connection.execute(lock, projection.name + name)
            known = await generations(connection, projection.name, name)
            ready = next((one for one in known if one.state in {"current", "following"}), None)
            if ready is not None:
                return ready
        follow = await _is_small(connection)
        return await _filled(dsn, connection, projection, made, known, follow=follow, jobs=jobs, told=told)


async def fresh(
    dsn: str,
    connection: Connection,
    projection: Projection,
    made: BuildModule,
    *,
    jobs: int,
    told: Callable[[Progress], None],
) -> Generation | None:
    """Fill one more generation of a read model beside its current one; resumes what was begun.

    Args:
        dsn: address of the database.
        connection: acts as frankenjet_project, in no transaction; holds a lock on the rebuild until it ends.
        projection: the read model.
        made: where worker processes find it.
        jobs: worker processes of a replay.
        told: called with its progress.

    Returns:
        What is to be followed now; None when another process is at work on it.
    """
    name = fingerprint(projection)
    if not await connection.fetchval(_TRY, projection.name + name):
        return None
    known = await generations(connection, projection.name, name)
    return await _filled(dsn, connection, projection, made, known, follow=False, jobs=jobs, told=told)


async def _filled(
    dsn: str,
    connection: Connection,
    projection: Projection,
    made: BuildModule,
    known: list[Generation],
    *,
    follow: bool,
    jobs: int,
    told: Callable[[Progress], None],
) -> Generation:
    """Fill the generation that was begun, or a new one; or let it follow from the first event on."""
    begun = next((one for one in known if one.state in {"filling", "following"}), None)
    number = known[0].generation + 1 if known else 1
    if begun is None and (follow or not projection.by_stream):
        name = fingerprint(projection)
        return await make(connection, projection, name, generation=number, state="following", indexed=True)
    if begun is None:
        begun = await begin(connection, projection, fingerprint(projection), number)
    if begun.state == "filling":
        await fills(connection, begun.schema)
        await replay(dsn, made, begun, jobs=jobs, told=told)
    return begun._replace(state="following")


async def promote(connection: Connection, generation: Generation, position: int) -> bool:
    """Make a generation current that is within 1 s of the log, unless another one of its fingerprint is.

    Args:
        connection: acts as frankenjet_project.
        generation: one that follows.
        position: how far it has come.
    """
    if not await connection.fetchval(_NEAR, position, FEW):
        return False
    try:
        if not await make_current(connection, generation):
            return False
    except Aborted:  # somebody has dropped it in this moment: the next look at what there is finds that
        return False
    log.info("projection.current", model=generation.model, schema=generation.schema)
    return True


async def _is_small(connection: Connection) -> bool:
    return int(await connection.fetchval("select log.head()")) <= FEW_EVENTS


def told_to_log(model: str) -> Callable[[Progress], None]:
    """Return a listener that writes the progress of a rebuild to the log."""

    def told(progress: Progress) -> None:
        log.info("rebuild", model=model, phase=progress.phase, done=progress.done, of=progress.of)

    return told


async def prepare_all(
    dsn: str, projections: Sequence[Projection], made: BuildModule, *, prepared: Callable[[], None]
) -> None:
    """Prepare every read model of this build, one after the other, whatever happens to the database.

    Args:
        dsn: address of the database.
        projections: the read models.
        made: where worker processes find them.
        prepared: called after each of them.
    """
    for projection in projections:
        while True:
            try:
                await prepare(dsn, projection, made, told=told_to_log(projection.name))
            except (*AWAY, BrokenProcessPool, Aborted) as error:
                log.warning(
                    "rebuild.resumes", model=projection.name, error=f"{type(error).__name__}: {error}"
                )
                await before_retry(RESTART_SECONDS)
            else:
                break
        prepared()


async def keep_prepared(dropped: asyncio.Event, again: Callable[[], Awaitable[None]]) -> None:
    """Prepare the read models now, and once more whenever some have vanished, without end.

    What a running process keeps up to date is dropped by nobody but a resync: `confirm` asks whether somebody
    leads it, `abort` whether it is current. So whatever vanishes is to be there again.

    Args:
        dropped: set when something that was followed is not there any more.
        again: prepares whatever is not there.
    """
    await again()
    while True:
        await dropped.wait()
        dropped.clear()
        log.info("projection.begins_again")
        await again()
