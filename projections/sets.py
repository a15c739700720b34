"""Which generations this build follows, which it lacks, which are left over from other builds."""

from collections.abc import Callable, Sequence

import structlog

from kit.db import PROJECTOR, Connection, connect
from projections.fingerprint import fingerprint
from projections.generation import Generation, generations, make
from projections.projection import Projection
from projections.rebuild import Made, Progress, begin, make_current, replay

log = structlog.get_logger()

SMALL = 20_000
"""A log of so many events is followed from its beginning; a longer one is replayed in slices first."""

_ALL = "select model, fingerprint, generation, schema, state from project.generation order by made_at"


async def followed(
    connection: Connection, projections: Sequence[Projection]
) -> list[tuple[Projection, Generation]]:
    """Return the generations to keep up to date: the current ones and those that are about to be."""
    found: list[tuple[Projection, Generation]] = []
    for projection in projections:
        known = await generations(connection, projection.name, fingerprint(projection))
        found += [(projection, one) for one in known if one.state in {"current", "following"}]
    return found


async def lacking(connection: Connection, projections: Sequence[Projection]) -> list[Projection]:
    """Return the read models that this build has no current generation of."""
    found = []
    for projection in projections:
        known = await generations(connection, projection.name, fingerprint(projection))
        if not any(one.state == "current" for one in known):
            found.append(projection)
    return found


async def left_over(connection: Connection, projections: Sequence[Projection]) -> list[Generation]:
    """Return the generations that this build neither serves nor fills."""
    ours = {(one.name, fingerprint(one)) for one in projections}
    rows = [Generation(*row) for row in await connection.fetch(_ALL)]
    return [one for one in rows if one.state == "old" or (one.model, one.fingerprint) not in ours]


async def prepare(
    dsn: str, projection: Projection, made: Made, *, jobs: int = 2, told: Callable[[Progress], None]
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
    connection = await connect(dsn, "frankenjet prepare", PROJECTOR, lock_timeout="0", statement_timeout="0")
    try:
        await connection.execute("select pg_advisory_lock(726571, hashtext($1))", projection.name + name)
        known = await generations(connection, projection.name, name)
        ready = next((one for one in known if one.state in {"current", "following"}), None)
        if ready is not None:
            return ready
        begun = next((one for one in known if one.state == "filling"), None)
        number = len(known) + 1
        if begun is None and (await _is_small(connection) or not projection.by_stream):
            return await make(
                connection, projection, name, generation=number, state="following", indexed=True
            )
        begun = begun or await begin(connection, projection, name, number)
        await replay(dsn, made, begun, jobs=jobs, told=told)
        return begun._replace(state="following")
    finally:
        await connection.close()


async def promote(connection: Connection, generation: Generation) -> bool:
    """Make a generation that has caught up current, unless another one of its fingerprint is."""
    known = await generations(connection, generation.model, generation.fingerprint)
    if any(one.state == "current" for one in known):
        return False
    await make_current(connection, generation)
    log.info("projection.current", model=generation.model, schema=generation.schema)
    return True


async def _is_small(connection: Connection) -> bool:
    return int(await connection.fetchval("select log.head()")) <= SMALL


def told_to_log(model: str) -> Callable[[Progress], None]:
    """Return a listener that writes the progress of a rebuild to the log."""

    def told(progress: Progress) -> None:
        log.info("rebuild", model=model, phase=progress.phase, done=progress.done, of=progress.of)

    return told


async def prepare_all(dsn: str, projections: Sequence[Projection], made: Made) -> None:
    """Prepare every read model of this build, one after the other."""
    for projection in projections:
        await prepare(dsn, projection, made, told=told_to_log(projection.name))
