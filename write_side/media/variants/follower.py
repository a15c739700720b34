"""Follows the log for what happens to pictures, and has their variants made and removed."""

import asyncio
import time
from collections.abc import Callable, Coroutine
from operator import itemgetter
from typing import Any
from uuid import UUID

import structlog

from events.codec import Codec
from events.media import EVENTS
from kit.health.tasks import ProcessHealth, Throughput
from kit.log.cursor import LeaderCursor
from kit.log.leader import run_while_leading
from kit.log.line import Line
from kit.retry import before_retry
from kit.running.ending import end
from kit.storage.objects import Storage, StorageAway
from write_side.media.aggregate import MEDIA, MediaState
from write_side.media.variants.files import put_right

READER = "variants"
"""Name of its cursor."""

POLL_SECONDS = 1.0
"""Seconds between two looks at a log without news."""

WINDOW = 5_000
"""Positions that are looked through at once."""

FIRST_PAUSE = 1.0
LONGEST_PAUSE = 30.0
"""Seconds until storage that is away is asked again: doubled from the first to the longest."""

_TYPES = [one.TYPE for one in EVENTS]

_NEWS = """
select h.head, e.position, e.stream
  from (select log.head() as head) h
  left join lateral (
    select position, stream from log.event
     where position > $1 and position <= least($1 + $2, h.head) and type = any($3::text[])) e
    on h.head > $1
 order by e.position"""

_STREAM = "select type, schema, payload from log.event where stream = $1 order by version"

type Beside = Callable[[Callable[[], str]], Coroutine[Any, Any, None]]
"""Runs while this copy leads; it is given what tells what is waited for."""

log = structlog.get_logger()


class VariantsFollower:
    """One copy that leads.

    Args:
        cursor: where it is.
        codec: reads stored events.
        storage: has the pictures, and gets their variants.
        tally: where it notes what it takes.
        window: positions that are looked through at once.
    """

    def __init__(
        self, cursor: LeaderCursor, codec: Codec, storage: Storage, tally: Throughput, window: int = WINDOW
    ) -> None:
        self._cursor = cursor
        self._codec = codec
        self._storage = storage
        self._tally = tally
        self._window = window
        self._position = 0
        self.reason = ""
        """What it waits for; empty: it does its work."""

    async def begin(self) -> None:
        """Go on where the cursor is."""
        self._position = await self._cursor.load()

    async def run(self) -> None:
        """Follow the log, without end."""
        await self.begin()
        while True:
            if not await self.step():
                await asyncio.sleep(POLL_SECONDS)

    async def step(self) -> bool:
        """Take a part of the log; tell whether there was any."""
        async with self._cursor.connection() as connection:
            rows = await connection.fetch(_NEWS, self._position, self._window, _TYPES)
        head, before = rows[0]["head"], self._position
        if head <= before:
            return False
        last = {row["stream"]: row["position"] for row in rows if row["stream"] is not None}
        for stream, position in sorted(last.items(), key=itemgetter(1)):
            began = time.monotonic()
            await self._until_right(stream)  # once for all that happened to it in this part
            self._tally.took(1, time.monotonic() - began)
            await self._move(position)  # whatever else happened before has a later event as well, or is done
        await self._move(min(before + self._window, head))
        return True

    async def _move(self, position: int) -> None:
        if position > self._position:
            await self._cursor.save(position)
            self._position = position

    async def _until_right(self, stream: UUID) -> None:
        """Put the files of a picture right, however long storage is away."""
        pause = FIRST_PAUSE
        while True:
            state = await self._state(stream)
            if state is None:
                return
            try:
                done = await put_right(self._storage, stream, state)
            except (StorageAway, OSError) as away:
                self.reason = f"storage: {away}"
                log.warning("media.variants_wait", reason=str(away))
                await before_retry(pause)
                pause = min(2 * pause, LONGEST_PAUSE)
            else:
                self.reason = ""
                if any(done):
                    log.info("media.variants", media=str(stream), **done._asdict())
                return

    async def _state(self, stream: UUID) -> MediaState | None:
        async with self._cursor.connection() as connection:
            rows = await connection.fetch(_STREAM, stream)
        state: MediaState | None = None
        try:
            for row in rows:
                state = MEDIA.evolve(state, self._codec.decode(*row))
        except ValueError as error:
            log.error("media.not_read", media=str(stream), error=str(error))  # noqa: TRY400 - it says all
            return None
        return state


async def follow_media(
    dsn: str, holder: str, codec: Codec, storage: Storage, vitals: ProcessHealth, line: Line, beside: Beside
) -> None:
    """Keep variants as they have to be while this copy leads, without end.

    Args:
        dsn: address of the database.
        holder: this process.
        codec: reads stored events.
        storage: an open one.
        vitals: where it notes how it does.
        line: the connection of its cursor.
        beside: runs while this copy leads.
    """
    task = vitals.task(READER)

    async def work(cursor: LeaderCursor) -> None:
        follower = VariantsFollower(cursor, codec, storage, vitals.tally(READER))
        task.waits = lambda: follower.reason
        other = asyncio.create_task(beside(task.waits), name="beside the variants")
        try:
            await follower.run()
        finally:
            await end(other)

    await run_while_leading(dsn, READER, holder, work, task, line)
