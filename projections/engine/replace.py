"""Fills what a build lacks, or puts a fresh generation of a read model in the place of the current one."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import NamedTuple

from events.codec import Codec
from kit.errors import Refused
from kit.postgres.connect import Connection
from kit.running.ending import end
from projections.builds.compare import Comparison, compare
from projections.builds.fingerprint import fingerprint
from projections.builds.generation import Generation, generations
from projections.engine.loop import Engine
from projections.engine.needed_generations import fresh, lacking, prepare
from projections.engine.swap import let_in_what_is_skipped, make_current_within
from projections.projection import Projection
from projections.rebuild.replay import Progress
from projections.rebuild.slices import GONE, Aborted
from projections.rebuild.worker import BuildModule

TO_MEET_SECONDS = 60
"""Within which a fresh generation has to come to the place of the current one, to be compared and to be
swapped."""

STILL_SECONDS = 10.0
"""After which a current one that does not move, with events before it, is not waited for."""

LOOK_SECONDS = 0.5
"""Between two looks at where both are."""

_PLACES = "select schema, position from project.cursor"

_PLACE = """
select c.position from project.cursor c join project.generation g using (schema)
 where g.model = $1 and g.fingerprint = $2"""


class RebuildWork(NamedTuple):
    """What a rebuild works with."""

    dsn: str
    connection: Connection
    codec: Codec
    made: BuildModule
    jobs: int
    """Worker processes."""
    holder: str
    """This process, as leases name it."""
    told: Callable[[Progress], None]
    still: float = STILL_SECONDS


class Replaced(NamedTuple):
    """How a fresh generation came into its place."""

    begun: Generation
    instead_of: Generation
    compared: Comparison | None
    """None: the former one stood still or was not whole."""


class NotAtOnePlace(Exception):  # noqa: N818 - a verdict
    """The fresh generation did not come to the place of the current one; that stays."""

    def __init__(self, compared: Comparison | None) -> None:
        super().__init__("the fresh generation did not come to the place of the current one")
        self.compared = compared


async def fill(work: RebuildWork, projection: Projection) -> None:
    """Fill a read model that has no current generation of this build, and wait until it is current.

    Raises:
        Aborted: somebody dropped it meanwhile.
    """
    await prepare(work.dsn, projection, work.made, jobs=work.jobs, told=work.told)
    async with _following(work, projection):
        while await lacking(work.connection, [projection]):
            head = await work.connection.fetchval("select log.head()")
            places = await work.connection.fetch(_PLACE, projection.name, fingerprint(projection))
            if not places:
                raise Aborted(projection.name)
            work.told(Progress("follow", max(row["position"] for row in places), head))
            await asyncio.sleep(0.2)


async def replace(work: RebuildWork, projection: Projection) -> Replaced:
    """Fill a new generation although there is a current one, compare them, and swap them.

    Raises:
        Refused: there is no current one, or another process rebuilds this model.
        NotAtOnePlace: the log grew faster than the fresh one followed.
        PutAside: an event had to be put aside that the current one took.
        Aborted: somebody dropped it meanwhile.
    """
    connection = work.connection
    known = await generations(connection, projection.name, fingerprint(projection))
    current = next((one for one in known if one.state == "current"), None)
    if current is None:
        raise Refused([f"{projection.name} has no current generation; rebuild it without --fresh"])
    begun = await fresh(work.dsn, connection, projection, work.made, jobs=work.jobs, told=work.told)
    if begun is None:
        raise Refused([f"{projection.name} is being rebuilt by another process"])
    async with _following(work, projection):  # until the swap is done: what is current is never left alone
        await let_in_what_is_skipped(connection, work.codec, projection, begun)
        compared = await _at_one_place(connection, projection, current, begun, work.still)
        if compared is not None and not compared.same_place:
            raise NotAtOnePlace(compared)
        if not await make_current_within(TO_MEET_SECONDS, connection, begun, instead_of=current):
            raise NotAtOnePlace(compared)
    return Replaced(begun, current, compared)


async def _at_one_place(
    connection: Connection, projection: Projection, current: Generation, begun: Generation, still: float
) -> Comparison | None:
    """Wait until both generations stand at one place, and compare them there; None: one never will."""
    result = Comparison(same_place=False, differences=())
    place, since = -1, time.monotonic()
    for _ in range(int(TO_MEET_SECONDS / LOOK_SECONDS)):
        try:
            result = await compare(connection, projection, current, begun)
        except GONE:  # tables of one of them are not there
            await _require(connection, begun)
            return None
        if result.same_place:
            break
        places = {row["schema"]: row["position"] for row in await connection.fetch(_PLACES)}
        at = places.get(current.schema, 0)
        if at != place:
            place, since = at, time.monotonic()
        elif time.monotonic() - since > still and places.get(begun.schema, 0) > at:
            return None
        await _require(connection, begun)
        await asyncio.sleep(LOOK_SECONDS)
    return result


async def _require(connection: Connection, begun: Generation) -> None:
    if begun not in await generations(connection, begun.model, begun.fingerprint):
        raise Aborted(begun.schema)


@asynccontextmanager
async def _following(work: RebuildWork, projection: Projection) -> AsyncIterator[None]:
    """Follow the log with every generation of a read model that nobody else follows."""
    following = asyncio.create_task(Engine(work.dsn, work.codec, [projection], work.holder).run())
    try:
        yield
    finally:
        await end(following)
