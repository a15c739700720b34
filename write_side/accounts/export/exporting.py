"""Writes all that is known of an account as one JSON document, of which never more than a page is held."""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import orjson

from kit.errors import Problem
from kit.postgres.connect import AWAY, Pool
from kit.problem_types import ACCOUNTS_UNAVAILABLE, NOT_FOUND
from write_side.accounts.audit import note
from write_side.accounts.export.sections import ACCOUNT, EVENTS, HEAD, SECTIONS, WRITTEN, Section
from write_side.accounts.problem_types import EXPORT_RUNS
from write_side.accounts.work import WAIT_SECONDS, AccountWork
from write_side.log.streams import Streams

IN_ALL = 32
"""Exports that are open in this process, each with a page in memory."""

WHOLE_SECONDS = 600.0
"""Time in which an export has to be read; then it is broken off, so that its place is another's."""


class Exports:
    """The exports of this process: one of an account at a time.

    A place is held while an answer is read. What others wait for, the turn to ask the database, is held for a
    page alone.

    Args:
        work: what commands of accounts work with.
        streams: reads the log.
        reading: connections that may read the audit.
    """

    def __init__(self, work: AccountWork, streams: Streams, reading: Pool) -> None:
        self._work = work
        self._streams = streams
        self._reading = reading

    @contextmanager
    def one(self, account: UUID) -> Iterator[None]:
        """Let an export of an account run while the block lasts.

        Raises:
            Problem: 429, one of it is running, or too many of others.
        """
        running = self._work.exports
        if account in running or len(running) >= IN_ALL:
            raise Problem(EXPORT_RUNS, headers={"Retry-After": "10"})
        running.add(account)
        try:
            yield
        finally:
            running.discard(account)

    async def pieces(self, account: UUID) -> AsyncIterator[bytes]:
        """Yield the document in pieces; the first one comes with everything that can be refused.

        Raises:
            Problem: 404 without such an account, 503.
        """
        async with self._work.exporting, self._work.transaction() as connection:
            row = await connection.fetchrow(ACCOUNT, account)
            if row is None:
                raise Problem(NOT_FOUND, "There is no such account.")
            await note(connection, "account.exported", account, actor=account)
        yield b'{"account":' + _json(dict(row))
        for section in SECTIONS:
            yield b',"%b":[' % section.name.encode()
            separator = b""
            async for page in self._pages(section, account):
                yield separator + page
                separator = b","
            yield b"]"
        yield b',"written":['
        separator = b""
        async for page in self._written(account):
            yield separator + page
            separator = b","
        yield b"]}\n"

    async def _pages(self, section: Section, account: UUID) -> AsyncIterator[bytes]:
        after = section.first
        while rows := await self._rows(section, account, after):
            after = rows[-1]["key"]
            yield _joined([{name: value for name, value in row.items() if name != "key"} for row in rows])

    async def _rows(self, section: Section, account: UUID, after: Any) -> list[Any]:
        if section.seen_by == "accounts":
            async with self._work.exporting, self._work.transaction() as connection:
                return list(await connection.fetch(section.sql, account, after))
        try:
            async with self._work.exporting, self._reading.acquire(timeout=WAIT_SECONDS) as connection:
                return list(await connection.fetch(section.sql, account, after))
        except AWAY as error:
            raise Problem(ACCOUNTS_UNAVAILABLE, headers={"Retry-After": "1"}) from error

    async def _written(self, account: UUID) -> AsyncIterator[bytes]:
        """Yield the events that the account caused, as far as the log goes now."""
        head = await self._streams.ask("fetchval", HEAD)
        actor = b'"actor":"%b"' % str(account).encode()
        for after in range(0, head, EVENTS):
            async with self._work.exporting:
                rows = await self._streams.ask("fetch", WRITTEN, after, min(head, after + EVENTS), actor)
            if rows:
                yield _joined([dict(row) for row in rows])


def _json(value: Any) -> bytes:
    return orjson.dumps(value, default=str)  # the driver has a class of its own for UUIDs


def _joined(rows: list[dict[str, Any]]) -> bytes:
    """Return rows as members of a JSON list, without its brackets."""
    return _json(rows)[1:-1]
