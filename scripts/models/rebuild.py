"""`frankenjet rebuild`: fill a read model beside the one that readers use."""

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import orjson
from rich.console import Console
from rich.progress import BarColumn, TaskID, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from events.codec import CODEC
from kit.errors import Refused
from kit.postgres.connect import PROJECTOR, Connection, connect, hang_up
from projections.builds.compare import Comparison, compare
from projections.builds.fingerprint import fingerprint
from projections.builds.generation import Generation, generations
from projections.catalog import PROJECTIONS
from projections.engine.loop import Engine
from projections.engine.swap import PutAside, let_in_what_is_skipped, make_current
from projections.engine.wanted import fresh as fill_fresh
from projections.engine.wanted import lacking, prepare
from projections.main import holder
from projections.projection import Projection
from projections.rebuild.replay import Made, Progress
from projections.rebuild.slices import GONE, Aborted

MADE = Made("projections.this_build")

PATIENCE = 60
"""Seconds within which a fresh generation has to come to the place of the current one."""

STILL = 10.0
"""Seconds after which a current one that does not move, with events before it, is not waited for."""


def projection_named(name: str) -> Projection:
    """Return a read model of this build; Refused when there is none of this name."""
    found = next((one for one in PROJECTIONS if one.name == name), None)
    if found is None:
        known = ", ".join(one.name for one in PROJECTIONS)
        raise Refused([f"no read model is called {name}; there are: {known}"])
    return found


async def rebuild(
    dsn: str, name: str | None, *, fresh: bool, jobs: int, as_json: bool, still: float = STILL
) -> int:
    """Fill what this build lacks, or a fresh generation of what it has.

    Args:
        dsn: address of the database.
        name: a read model; None: every one that has no current generation for this build; with fresh all.
        fresh: fill a new generation although there is a current one, compare them, and put it in its place.
        jobs: worker processes.
        as_json: one JSON object a line instead of a bar.
        still: seconds, see STILL.
    """
    try:
        async with connected(dsn) as connection:
            missing = [one.name for one in await lacking(connection, PROJECTIONS)]
            for projection in [projection_named(name)] if name else PROJECTIONS:
                is_there = projection.name not in missing
                with _shown(projection.name, as_json=as_json) as told:
                    if fresh and (name or is_there):
                        code = await _fresh(dsn, connection, projection, jobs, told, still)
                        if code:
                            return code
                    elif not is_there:
                        await prepare(dsn, projection, MADE, jobs=jobs, told=told)
                        await _until_current(dsn, connection, projection, told)
                done = (
                    "is filled already; --fresh fills it once more" if is_there else "is filled and current"
                )
                if not fresh or not is_there:
                    print(f"{projection.name}: {done}", file=sys.stderr)
    except (Aborted, *GONE):
        print("the rebuild was aborted", file=sys.stderr)
        return 1
    return 0


async def _fresh(
    dsn: str,
    connection: Connection,
    projection: Projection,
    jobs: int,
    told: Callable[[Progress], None],
    still: float,
) -> int:
    known = await generations(connection, projection.name, fingerprint(projection))
    current = next((one for one in known if one.state == "current"), None)
    if current is None:
        raise Refused([f"{projection.name} has no current generation; rebuild it without --fresh"])
    begun = await fill_fresh(dsn, connection, projection, MADE, jobs=jobs, told=told)
    if begun is None:
        raise Refused([f"{projection.name} is being rebuilt by another process"])
    async with _following(dsn, projection):  # until the exchange is done: what is current is never left alone
        await let_in_what_is_skipped(connection, CODEC, projection, begun)
        result = await _at_one_place(connection, projection, current, begun, still)
        if result is None:
            print(
                f"{current.schema} stands still or is not whole: it is replaced uncompared", file=sys.stderr
            )
            result = Comparison(same_place=True, differences=())
        for difference in result.differences:
            keys = ", ".join(difference.keys)
            print(
                f"{projection.name}.{difference.table}: {difference.rows} rows differ: {keys}",
                file=sys.stderr,
            )
        if not result.same_place:
            print("the fresh generation did not come to the place of the current one", file=sys.stderr)
            return 1
        try:
            while not await make_current(connection, begun, instead_of=current):  # noqa: ASYNC110 - both follow
                await asyncio.sleep(0.02)
        except PutAside as reason:
            print(f"{reason}: see `frankenjet parked list`, and rebuild again to go on", file=sys.stderr)
            return 1
    rows = sum(difference.rows for difference in result.differences)
    print(
        f"{projection.name}: {begun.schema} is current; {rows or 'no'} rows differed from {current.schema},"
        " which `frankenjet confirm` drops",
        file=sys.stderr,
    )
    return 0


async def _at_one_place(
    connection: Connection, projection: Projection, current: Generation, begun: Generation, still: float
) -> Comparison | None:
    """Wait until both generations stand at one place, and compare them there; None: one never will."""
    result = Comparison(same_place=False, differences=())
    place, since = -1, time.monotonic()
    for _ in range(PATIENCE * 2):
        try:
            result = await compare(connection, projection, current, begun)
        except GONE:  # tables of one of them are not there
            await _still_there(connection, begun)
            return None
        if result.same_place:
            break
        places = {row["schema"]: row["position"] for row in await connection.fetch(_PLACES)}
        at = places.get(current.schema, 0)
        if at != place:
            place, since = at, time.monotonic()
        elif time.monotonic() - since > still and places.get(begun.schema, 0) > at:
            return None
        await _still_there(connection, begun)
        await asyncio.sleep(0.5)
    return result


async def _still_there(connection: Connection, begun: Generation) -> None:
    if begun not in await generations(connection, begun.model, begun.fingerprint):
        raise Aborted(begun.schema)


async def _until_current(
    dsn: str, connection: Connection, projection: Projection, told: Callable[[Progress], None]
) -> None:
    async with _following(dsn, projection):
        while await lacking(connection, [projection]):
            head = await connection.fetchval("select log.head()")
            places = await connection.fetch(_PLACE, projection.name, fingerprint(projection))
            if not places:
                raise Aborted(projection.name)
            told(Progress("follow", max((row["position"] for row in places), default=0), head))
            await asyncio.sleep(0.2)


@asynccontextmanager
async def _following(dsn: str, projection: Projection) -> AsyncIterator[None]:
    """Follow the log with every generation of a read model that nobody else follows."""
    following = asyncio.create_task(Engine(dsn, CODEC, [projection], holder()).run())
    try:
        yield
    finally:
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)


_PLACES = "select schema, position from project.cursor"

_PLACE = """
select c.position from project.cursor c join project.generation g using (schema)
 where g.model = $1 and g.fingerprint = $2"""


@asynccontextmanager
async def connected(dsn: str) -> AsyncIterator[Connection]:
    """Yield a connection of an operator's verb, which waits for others' locks as long as it is borne."""
    connection = await connect(
        dsn, "frankenjet rebuild", PROJECTOR, statement_timeout="0", lock_timeout="30000"
    )
    try:
        yield connection
    finally:
        await hang_up(connection)


@contextmanager
def _shown(model: str, *, as_json: bool) -> Iterator[Callable[[Progress], None]]:
    if as_json:
        yield lambda one: print(orjson.dumps({"model": model} | one._asdict()).decode(), flush=True)
        return
    columns: list[Any] = [
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:,.0f} of {task.total:,.0f}"),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    ]
    with Bar(*columns, console=Console(file=sys.stderr)) as bar:
        tasks: dict[str, TaskID] = {}

        def told(one: Progress) -> None:
            if one.phase not in tasks:
                tasks[one.phase] = bar.add_task(f"{model}: {one.phase}", total=one.of, rate="")
            speed = bar.tasks[tasks[one.phase]].speed
            bar.update(
                tasks[one.phase], completed=one.done, total=one.of, rate=f"{speed:,.0f}/s" if speed else ""
            )

        yield told
