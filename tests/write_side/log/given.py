"""Words for tests of the log: events, claims, groups, and what the log holds afterwards."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg

from events.base import Meta
from events.codec import CODEC, Stored
from kit.ids import new_id
from kit.postgres.connect import WRITER, Connection, connect
from write_side.log.append import APPEND, Append, Appended, Claim, CommandKey, NewEvent, pack, unpack

META = CODEC.encode_meta(Meta(actor=new_id(), command=new_id()))

LOCK = "select pg_advisory_xact_lock(726571, 1)"
"""What log.append waits for: one group at a time, of any sender."""


class Row(NamedTuple):
    """An event as the log holds it, without its content."""

    position: int
    stream: UUID
    version: int
    id: UUID


def event(payload: bytes = b'{"n":1}') -> NewEvent:
    """Make an event with an id of its own."""
    return NewEvent(new_id(), Stored("test.happened", 1, payload), META)


def claim(stream: UUID, expected: int = 0, events: int = 1) -> Claim:
    """Claim that a stream is at a version, and put so many events on it."""
    return Claim(stream, expected, tuple(event() for _ in range(events)))


def command(*claims: Claim, key: CommandKey | None = None) -> Append:
    return Append(claims, key)


def one_event(stream: UUID | None = None, expected: int = 0) -> Append:
    """Return a command that puts one event on one stream."""
    return command(claim(stream or new_id(), expected))


def key(request: UUID | None = None) -> CommandKey:
    """Make an Idempotency-Key that nobody has used."""
    return CommandKey(new_id(), request or new_id(), b'{"id":1}')


def ids_of(*group: Append) -> list[UUID]:
    """Return the ids of the events of commands, in order."""
    return [event.id for wanted in group for claim in wanted.claims for event in claim.events]


@asynccontextmanager
async def writer(dsn: str) -> AsyncIterator[Connection]:
    """Yield a connection that acts as the processes of the write side do."""
    connection = await connect(dsn, "frankenjet test", WRITER)
    try:
        yield connection
    finally:
        await connection.close()


async def store(connection: Connection, *group: Append) -> list[Appended | Exception]:
    """Send one group through log.append."""
    return unpack(group, await connection.fetchrow(APPEND, *pack(group)))


async def rows(dsn: str) -> list[Row]:
    """Return what the log holds, in order."""
    connection = await asyncpg.connect(dsn)
    try:
        found = await connection.fetch("select position, stream, version, id from log.event order by 1")
    finally:
        await connection.close()
    return [Row(*one) for one in found]


async def value(dsn: str, sql: str, *arguments: Any) -> Any:
    """Ask the database for one value, as its owner."""
    connection = await asyncpg.connect(dsn)
    try:
        return await connection.fetchval(sql, *arguments)
    finally:
        await connection.close()
