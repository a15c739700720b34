"""`frankenjet rebuild`: fill a read model beside the one that readers use."""

import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager

import orjson

from events.codec import CODEC
from kit.postgres.connect import Connection
from kit.postgres.server_watch import watched_connection
from projections.builds.compare import Comparison
from projections.catalog import PROJECTIONS, projection_named
from projections.engine.needed_generations import lacking
from projections.engine.replace import STILL_SECONDS, NotAtOnePlace, RebuildWork, fill, replace
from projections.engine.swap import PutAside
from projections.main import holder
from projections.projection import Projection
from projections.rebuild.replay import Progress
from projections.rebuild.slices import GONE, Aborted
from projections.this_build import THIS_BUILD
from scripts.cli.bars import bars


async def rebuild(
    dsn: str, name: str | None, *, fresh: bool, jobs: int, as_json: bool, still: float = STILL_SECONDS
) -> int:
    """Fill what this build lacks, or a fresh generation of what it has.

    Args:
        dsn: address of the database.
        name: a read model; None: every one that has no current generation for this build; with fresh all.
        fresh: fill a new generation although there is a current one, compare them, and put it in its place.
        jobs: worker processes.
        as_json: one JSON object a line instead of a bar.
        still: seconds, see STILL_SECONDS.

    Returns:
        The exit code: 0, or 1 when something stays as it was.
    """
    try:
        async with connected(dsn) as connection:
            missing = [one.name for one in await lacking(connection, PROJECTIONS)]
            for projection in [projection_named(name)] if name else PROJECTIONS:
                is_there = projection.name not in missing
                with _shown(projection.name, as_json=as_json) as told:
                    work = RebuildWork(dsn, connection, CODEC, THIS_BUILD, jobs, holder(), told, still)
                    if fresh and (name or is_there):
                        if not await _fresh(work, projection):
                            return 1
                    elif not is_there:
                        await fill(work, projection)
                done = (
                    "is filled already; --fresh fills it once more" if is_there else "is filled and current"
                )
                if not fresh or not is_there:
                    print(f"{projection.name}: {done}", file=sys.stderr)
    except (Aborted, *GONE):
        print("the rebuild was aborted", file=sys.stderr)
        return 1
    return 0


async def _fresh(work: RebuildWork, projection: Projection) -> bool:
    try:
        begun, former, compared = await replace(work, projection)
    except NotAtOnePlace as reason:
        if reason.compared is not None:
            _say_differences(projection, reason.compared)
        print(reason, file=sys.stderr)
        return False
    except PutAside as reason:
        print(f"{reason}: see `frankenjet parked list`, and rebuild again to go on", file=sys.stderr)
        return False
    rows = 0
    if compared is None:
        print(f"{former.schema} stood still or was not whole: it is replaced uncompared", file=sys.stderr)
    else:
        rows = _say_differences(projection, compared)
    print(
        f"{projection.name}: {begun.schema} is current; {rows or 'no'} rows differed from {former.schema},"
        " which `frankenjet confirm` drops",
        file=sys.stderr,
    )
    return True


def _say_differences(projection: Projection, compared: Comparison) -> int:
    for difference in compared.differences:
        keys = ", ".join(difference.keys)
        print(f"{projection.name}.{difference.table}: {difference.rows} rows differ: {keys}", file=sys.stderr)
    return sum(difference.rows for difference in compared.differences)


@asynccontextmanager
async def connected(dsn: str) -> AsyncIterator[Connection]:
    """Yield a connection of an operator's verb, which waits for others' locks as long as it is borne."""
    async with watched_connection(
        dsn, "frankenjet rebuild", statement_timeout="0", lock_timeout="30000"
    ) as connection:
        yield connection


@contextmanager
def _shown(model: str, *, as_json: bool) -> Iterator[Callable[[Progress], None]]:
    if as_json:
        yield lambda one: print(orjson.dumps({"model": model} | one._asdict()).decode(), flush=True)
        return
    with bars() as told:
        yield lambda one: told(f"{model}: {one.phase}", one.done, one.of)
