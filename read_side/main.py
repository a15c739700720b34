"""The read side of a process: its routes, the layer of whole answers ahead, and what keeps both fresh."""

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AsyncExitStack, suppress
from typing import Any, Self

from starlette.routing import BaseRoute
from starlette.types import ASGIApp

from kit.cache.store import Cache
from kit.flights import Flights
from kit.log.lineage import Lineage, lineage_of
from kit.postgres.connect import READER, connect, hang_up
from read_side.answers.cached import MAX_BYTES, Cached
from read_side.answers.direct import Direct
from read_side.catalog import QUERIES
from read_side.fresh.purge import Purge
from read_side.fresh.served import Served
from read_side.sources import Sources
from read_side.tables import Tables

FIRST_POLL = 2.0
"""Seconds that a start waits to know which read models there are."""


class ReadSide:
    """Everything that answers queries in one process; entered while the process serves.

    The routes ask `app.state.identities` of their application who sends a request.

    Args:
        dsn: address of the database.
        fingerprints: read model → fingerprint of this build; it serves these and no others.
        redis_url: Redis or Valkey; empty: copies are kept in this process alone.
        redis_prefix: first part of every key there.
        shared_max_age: seconds that shared caches may keep public answers; 0 where no purge is configured.
        connections: to the database, at the most; one more polls.
        cache_bytes: memory for whole answers.
        queries: makers of routes; those of the catalogue.
        event_types: the types of all events that there are.
    """

    def __init__(
        self,
        dsn: str,
        fingerprints: Mapping[str, str],
        *,
        redis_url: str = "",
        redis_prefix: str = "frankenjet",
        shared_max_age: int = 0,
        connections: int = 8,
        cache_bytes: int = MAX_BYTES,
        queries: Sequence[Callable[[Sources], Sequence[BaseRoute]]] = QUERIES,
        event_types: Collection[str] = (),
    ) -> None:
        self._dsn = dsn
        self._redis = redis_url, redis_prefix
        self._cache_bytes = cache_bytes
        shared = f", s-maxage={shared_max_age}" if shared_max_age else ""
        self.sources = Sources(
            Tables(dsn, connections),
            Served(fingerprints),
            f"public, max-age=0{shared}, must-revalidate".encode(),
            event_types,
        )
        self.routes = [route for make in queries for route in make(self.sources)]
        self._stack = AsyncExitStack()

    def wrap(self, app: ASGIApp) -> Cached:
        """Put the layers of whole answers and of direct routes ahead of an application.

        The edge goes around the result, and asks its `at_once` first.
        """
        return Cached(Direct(app, self.routes), self.sources.served, limit=self._cache_bytes)

    async def awake(self) -> None:
        """Return when what `ready` says is of this moment, or when that takes too long."""
        await self.sources.served.awake()

    def ready(self) -> tuple[bool, dict[str, Any]]:
        """Say whether every read model is within 1 s of the log's head, and each one's lag."""
        return self.sources.served.ready()

    async def __aenter__(self) -> Self:
        """Open what is needed.

        Raises:
            OSError, asyncpg.PostgresError: when the database cannot be asked which log it holds.
        """
        lineage = await self._lineage()
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self.sources.tables)
            await stack.enter_async_context(self.sources.comparisons)
            self.sources.cache = await stack.enter_async_context(Cache(self._redis[0], ""))
            self.sources.served.begun = self._begin
            self.sources.served.begin(lineage)
            await stack.enter_async_context(Purge(self._dsn, self.sources.served))
            with suppress(TimeoutError):
                await asyncio.wait_for(self.sources.served.polled.wait(), FIRST_POLL)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    def _begin(self, lineage: Lineage) -> None:
        """Let go of what was read of another lineage, although others may still hold it."""
        self.sources.cache = self.sources.cache.within(f"{self._redis[1]}:{lineage}")
        self.sources.sealing = None
        self.sources.flights = Flights()
        self.sources.tables.renew()

    async def _lineage(self) -> Lineage:
        connection = await connect(self._dsn, "frankenjet read start", READER)
        try:
            return await lineage_of(connection)
        finally:
            await hang_up(connection)
