"""Which log this is, and of which lineage: what was remembered of another one is worth nothing here."""

import asyncio
from typing import NamedTuple
from uuid import UUID

from kit.postgres.connect import Connection

LINEAGE = "select id, log.epoch() as epoch from log.identity"


class Lineage(NamedTuple):
    """What every key outside the database begins with: after a failover or a restore it is another one."""

    log: UUID
    epoch: str
    """System identifier and timeline."""

    def __str__(self) -> str:
        return f"{self.log}:{self.epoch}"


class AnotherLineage(ConnectionError):  # noqa: N818 - a state of the log
    """The address leads to a log of another lineage by now."""


async def lineage_of(connection: Connection) -> Lineage:
    """Ask a server for the lineage of its log; it stays the same for as long as the connection.

    Raises:
        asyncpg.PostgresError: while the server is a standby that may yet be promoted, too.
    """
    return Lineage(*await connection.fetchrow(LINEAGE))


class OneLineage:
    """Lets through only connections that lead to the lineage to which the first of them led.

    Attributes:
        over: set once the address leads to another one.
    """

    def __init__(self) -> None:
        self.over = asyncio.Event()
        self._first: Lineage | None = None

    async def check(self, connection: Connection) -> None:
        """Raise AnotherLineage when a new connection leads elsewhere."""
        found = await lineage_of(connection)
        self._first = self._first or found
        if found != self._first:
            self.over.set()
            raise AnotherLineage(f"the log was {self._first}, and is {found} now")
