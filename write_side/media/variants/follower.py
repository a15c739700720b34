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
from kit.pictures.readers import PictureReaders
from kit.pictures.variants import STORED
from kit.retry import before_retry
from kit.running.ending import end
from kit.storage.objects import Storage, StorageAway
from write_side.media.aggregate import MEDIA, MediaState
from write_side.media.variants.files import Done, NotMade, put_right
from write_side.media.variants.late import DUE, forget, late_pictures, set_aside

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

PICTURE_SECONDS = 300.0
"""Seconds that all of a picture's files may take, however slow storage is."""

_NEWS = f"""
select h.head, h.due, e.position, e.stream
  from (select log.head() as head, {DUE} as due) h
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
        readers: have them read.
        tally: where it notes what it takes.
        window: positions that are looked through at once.
    """

    def __init__(
        self, cursor: LeaderCursor, codec: Codec, storage: Storage, readers: PictureReaders,
        tally: Throughput, window: int = WINDOW,
    ) -> None:  # fmt: skip
        self._cursor = cursor
        self._codec = codec
        self._storage, self._readers = storage, readers
        self._tally = tally
        self._window = window
        self._position = 0
        self._away = ""
        """Why storage cannot be asked at all; empty: it can."""
        self._late: dict[UUID, str] = {}
        """Why pictures were set aside."""

    @property
    def reason(self) -> str:
        """What it waits for; empty: it does its work."""
        if self._away or not self._late:
            return self._away
        return f"{len(self._late)} set aside, to be tried again: {next(reversed(self._late.values()))}"

    async def begin(self) -> None:
        """Go on where the cursor is."""
        self._position = await self._cursor.load()
        async with self._cursor.connection() as connection:
            self._late = {one.picture: one.reason for one in await late_pictures(connection)}

    async def run(self) -> None:
        """Follow the log, without end."""
        await self.begin()
        while True:
            if not await self.step():
                await asyncio.sleep(POLL_SECONDS)

    async def step(self) -> bool:
        """Take a part of the log, then one picture that was set aside; tell whether there was anything."""
        async with self._cursor.connection() as connection:
            rows = await connection.fetch(_NEWS, self._position, self._window, _TYPES)
        head, due, before = rows[0]["head"], rows[0]["due"], self._position
        if head <= before and due is None:
            return False
        last = {row["stream"]: row["position"] for row in rows if row["stream"] is not None}
        for stream, position in sorted(last.items(), key=itemgetter(1)):
            await self._put_right(stream)  # once for all that happened to it in this part
            await self._move(position)  # whatever else happened before has a later event as well, or is done
        await self._move(min(before + self._window, head))
        if due is not None and due not in last:
            self._late.setdefault(due, "")
            await self._put_right(due)
        return True

    async def _move(self, position: int) -> None:
        if position > self._position:
            await self._cursor.save(position)
            self._position = position

    async def _put_right(self, stream: UUID) -> None:
        """Put the files of a picture right, or set it aside; storage that is away at all is waited for."""
        pause, began = FIRST_PAUSE, time.monotonic()
        while (away := await self._tried(stream)) and not await self._storage_answers():
            self._away = away
            log.warning("media.variants_wait", reason=away)
            await before_retry(pause)
            pause = min(2 * pause, LONGEST_PAUSE)
        self._away = ""
        if away:
            await self._set_aside(stream, away)
        self._tally.took(1, time.monotonic() - began)

    async def _tried(self, stream: UUID) -> str:
        """Try to put a picture right; return what storage or this machine lacks for it, empty: nothing."""
        state = await self._state(stream)
        try:
            async with asyncio.timeout(PICTURE_SECONDS):
                done = (
                    Done() if state is None else await put_right(self._storage, self._readers, stream, state)
                )
        except NotMade as why:
            await self._set_aside(stream, str(why))
        except (StorageAway, OSError) as away:
            return f"storage: {away}"
        else:
            if any(done):
                log.info("media.variants", media=str(stream), **done._asdict())
            if self._late.pop(stream, None) is not None:
                async with self._cursor.connection() as connection:
                    await forget(connection, stream)
        return ""

    async def _storage_answers(self) -> bool:
        """Tell whether storage can be asked for anything, so that only one picture has trouble with it."""
        try:
            await self._storage.list(STORED, most=1)
        except (StorageAway, OSError):
            return False
        return True

    async def _set_aside(self, stream: UUID, reason: str) -> None:
        log.warning("media.variants_set_aside", media=str(stream), reason=reason)
        async with self._cursor.connection() as connection:
            await set_aside(connection, stream, reason)
        self._late[stream] = reason

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
        follower = VariantsFollower(cursor, codec, storage, readers, vitals.tally(READER))
        task.waits = lambda: follower.reason
        other = asyncio.create_task(beside(task.waits), name="beside the variants")
        try:
            await follower.run()
        finally:
            await end(other)

    async with PictureReaders() as readers:
        await run_while_leading(dsn, READER, holder, work, task, line)
