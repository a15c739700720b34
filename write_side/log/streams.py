"""Reads streams, receipts and snapshots back from the log, for those who decide."""

from collections.abc import AsyncIterator, Collection
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import structlog

from events.base import Event, Meta, Recorded
from events.codec import Codec
from kit.errors import Problem
from kit.log.rows import bounded
from kit.postgres.connect import AWAY, Pool
from write_side.problem_types import LOG_UNAVAILABLE

log = structlog.get_logger()

READ_SECONDS = 1.5

PAGE_EVENTS = 200
PAGE_BYTES = 1_000_000
"""Events read at a time, or fewer when they are large: a long history fills no memory and has its time."""

_PAGE = bounded(
    "(select * from log.event where stream = $1 and version > $2 and version <= $3"
    f" order by version limit {PAGE_EVENTS}) page", "version", str(PAGE_BYTES),
)  # fmt: skip

_LAST = """
select version, type, schema, payload from log.event where stream = $1 order by version desc limit 1"""

_LAST_OF = """
select asked.stream, newest.version, newest.type
  from unnest($1::uuid[]) asked(stream)
 cross join lateral (
   select version, type from log.event where stream = asked.stream order by version desc limit 1) newest"""

_SNAPSHOT = """
select state from log.snapshot
 where stream = $1 and fingerprint = $2 and revision <= $3 and version <= $4 order by version desc limit 1"""

_KEEP = """
insert into log.snapshot (stream, version, revision, fingerprint, state) values ($1, $2, $3, $4, $5)
on conflict (stream, version) do update set fingerprint = excluded.fingerprint, state = excluded.state
 where log.snapshot.fingerprint <> excluded.fingerprint"""

_NEWEST = """
select version, type, recorded_at, meta from log.event
 where stream = $1 and version > $2 order by version desc limit $3"""

_RECEIPT = "select request, position, receipt from log.key where key = $1"

_ID_AT = "select id from log.event where position = $1"

_FORGET = """
delete from log.key where key = any(array(
  select key from log.key where kept_at < clock_timestamp() - make_interval(hours => $1)
   order by kept_at limit $2))"""

_KEPT = "select greatest(0, reltuples)::bigint from pg_class where oid = 'log.key'::regclass"

_ONE = "select type, schema, payload from log.event where stream = $1 and version = $2"

END = 2**62
NUMBERS = 2**31 - 1
"""The largest number of a revision."""


class Snapshot(NamedTuple):
    """A folded state of a stream, and the code that folded it; the next one of other code takes its place."""

    stream: UUID
    version: int
    revision: int
    fingerprint: str
    state: bytes


class Told(NamedTuple):
    """An event without what it says."""

    version: int
    type: str
    at: datetime
    meta: Meta


class LastEvent(NamedTuple):
    """How far a stream is: its version, and the stored type of its newest event."""

    version: int
    type: str


class KeptReceipt(NamedTuple):
    """A receipt as it was kept: the hash of its request, the log position, its body but for the position."""

    request: UUID
    position: int
    receipt: bytes


class Streams:
    """Reads through a pool of connections; 503 when the log cannot be read in time."""

    def __init__(self, pool: Pool, codec: Codec) -> None:
        self._pool = pool
        self._codec = codec

    async def pages(
        self, stream: UUID, after: int = 0, upto: int = END
    ) -> AsyncIterator[list[Recorded[Event]]]:
        """Yield the events of a stream with after < version <= upto, oldest first, page by page."""
        codec = self._codec
        while True:
            rows = await self.ask("fetch", _PAGE, stream, after, upto)
            if rows:
                yield [
                    Recorded(
                        row["position"],
                        stream,
                        row["version"],
                        row["id"],
                        row["recorded_at"],
                        codec.decode_meta(row["meta"]),
                        codec.decode(row["type"], row["schema"], row["payload"]),
                    )
                    for row in rows
                ]
            if len(rows) < PAGE_EVENTS and sum(len(row["payload"]) for row in rows) < PAGE_BYTES:
                return
            after = rows[-1]["version"]

    async def last(self, stream: UUID) -> tuple[int, Event | None]:
        """Return the version of a stream and its last event; (0, None) when there is none."""
        row = await self.ask("fetchrow", _LAST, stream)
        if row is None:
            return 0, None
        return row["version"], self._codec.decode(row["type"], row["schema"], row["payload"])

    async def last_of(self, streams: Collection[UUID]) -> dict[UUID, LastEvent]:
        """Return how far those of some streams are that there are."""
        rows = await self.ask("fetch", _LAST_OF, list(streams))
        return {row["stream"]: LastEvent(row["version"], row["type"]) for row in rows}

    async def event(self, stream: UUID, version: int) -> Event:
        """Return one event of a stream that has it."""
        row = await self.ask("fetchrow", _ONE, stream, version)
        return self._codec.decode(row["type"], row["schema"], row["payload"])

    async def newest(self, stream: UUID, after: int, limit: int) -> list[Told]:
        """Return the newest events behind a version, oldest first, without what they say."""
        rows = await self.ask("fetch", _NEWEST, stream, after, limit)
        told = self._codec.decode_meta
        return [
            Told(row["version"], row["type"], row["recorded_at"], told(row["meta"])) for row in rows[::-1]
        ]

    async def snapshot(
        self, stream: UUID, fingerprint: str, revision: int = END, version: int = END
    ) -> bytes | None:
        """Return the newest state, not after a revision and a version, that was kept by this very code."""
        found: bytes | None = await self.ask(
            "fetchval", _SNAPSHOT, stream, fingerprint, min(revision, NUMBERS), version
        )
        return found

    async def keep_snapshot(self, snapshot: Snapshot) -> None:
        await self.ask("execute", _KEEP, *snapshot)

    async def receipt(self, key: UUID) -> KeptReceipt | None:
        """Return what is kept under an idempotency key."""
        row = await self.ask("fetchrow", _RECEIPT, key)
        return None if row is None else KeptReceipt(row["request"], row["position"], row["receipt"])

    async def id_at(self, position: int) -> UUID | None:
        """Return the id of the event at a position of the log."""
        found: UUID | None = await self.ask("fetchval", _ID_AT, position)
        return found

    async def receipts(self) -> int:
        """Return about how many receipts are kept, as the server estimates it."""
        return int(await self.ask("fetchval", _KEPT))

    async def forget_receipts(self, hours: int, *, at_once: int = 5_000) -> None:
        """Drop receipts older than this many hours, so many at once that each statement ends in time."""
        while await self.ask("execute", _FORGET, hours, at_once) == f"DELETE {at_once}":
            pass

    async def ask(self, method: str, sql: str, *arguments: Any) -> Any:
        """Ask a connection of the writer's, by one of its methods; raises Problem 503 when it is away."""
        try:
            async with self._pool.acquire(timeout=READ_SECONDS) as connection:
                return await getattr(connection, method)(sql, *arguments, timeout=READ_SECONDS)
        except AWAY as error:
            log.warning("streams.unavailable", error=f"{type(error).__name__}: {error}")
            raise Problem(
                LOG_UNAVAILABLE, "The log cannot be read now.", headers={"Retry-After": "1"}
            ) from error
