"""Counts that all processes share, by the library `limits`: in Redis, or without it in memory of this one."""

import asyncio
import hashlib
import time
from collections.abc import Awaitable, Callable
from functools import cache, partial
from typing import Self

import structlog
from limits import RateLimitItem, RateLimitItemPerSecond
from limits.aio.storage import MemoryStorage, RedisStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from redis.asyncio import BlockingConnectionPool
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ResponseError

from kit.cache.breaker import CLIENT_TIMEOUT, Breaker
from kit.limits.rules import Limit, Rule
from kit.limits.windows import Key, Left
from kit.running.held_up import answered_while_turning

TIMEOUT = 0.25
"""Seconds that connecting, and that an answer, may take."""

CONNECTIONS = 8
"""Questions at the same time. Others wait in line: a long line says nothing about the server."""

log = structlog.get_logger()


class Uncounted(Exception):  # noqa: N818 - it says what is so
    """What was done before cannot be read.

    Attributes:
        seconds: until it is worth asking again.
    """

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.seconds = seconds


class SharedCounts:
    """What was done, as all processes know it; nobody who reads it learns of whom it tells.

    Args:
        url: redis:// address; empty: in memory.
        space: beginning of every key.
        secret: who is counted stands under an HMAC with it. Processes that have another one count apart.
    """

    def __init__(self, url: str, space: str, secret: bytes) -> None:
        self._secret = hashlib.blake2b(secret, digest_size=32).digest()
        self._breaker = Breaker()
        self._line = asyncio.Semaphore(CONNECTIONS)
        self._pool: BlockingConnectionPool | None = None
        storage: MemoryStorage | RedisStorage
        if url:
            self._pool = BlockingConnectionPool.from_url(
                url,
                max_connections=CONNECTIONS,
                timeout=CLIENT_TIMEOUT,
                socket_timeout=CLIENT_TIMEOUT,
                socket_connect_timeout=CLIENT_TIMEOUT,
                retry=Retry(NoBackoff(), 0),
                protocol=2,
                driver_info=None,
            )
            storage = RedisStorage(
                "redis://localhost:6379",  # the pool knows better
                implementation="redispy",
                key_prefix=f"{space}:limits",
                connection_pool=self._pool,  # type: ignore[arg-type]  # handed on as it is
            )
        else:
            storage = MemoryStorage()
        self._storage = storage
        self._window = SlidingWindowCounterRateLimiter(storage)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._pool is not None:
            await self._pool.disconnect()

    @property
    def by_others(self) -> bool:
        """Whether other processes count here as well."""
        return self._pool is not None

    async def hit(self, key: Key, times: int = 1) -> Left | None:
        """Count, unless more than may be would have been; then nothing is counted, and it says when to come.

        Raises:
            Uncounted: it cannot be known.
        """
        item, who = _item(key[0], key[1]), self._hidden(key[2])
        if await self._asked(lambda: self._window.hit(item, who, cost=times)):
            return None
        found = await self._asked(lambda: self._window.get_window_stats(item, who))
        return Left(0, max(1.0, found.reset_time - time.time()))

    async def give_back(self, key: Key) -> None:
        """Take one back that was counted.

        Raises:
            Uncounted: it cannot be done now.
        """
        await self._asked(lambda: self._window.hit(_item(key[0], key[1]), self._hidden(key[2]), cost=-1))

    async def forget(self, limit: Limit, per: str, who: str) -> None:
        """Let somebody begin again.

        Raises:
            Uncounted: it cannot be done now.
        """
        for rule in limit.rules:
            if rule.per == per:
                item = _item(limit.name, rule)
                await self._asked(partial(self._window.clear, item, self._hidden(who)))

    async def mark(self, name: str, who: str, seconds: int) -> None:
        """Remember something of somebody for some time.

        Raises:
            Uncounted: it cannot be done now.
        """
        await self._asked(lambda: self._storage.incr(f"{name}/{self._hidden(who)}", seconds))

    async def is_marked(self, name: str, who: str) -> bool:
        """Tell whether it is remembered.

        Raises:
            Uncounted: it cannot be known.
        """
        return await self._asked(lambda: self._storage.get(f"{name}/{self._hidden(who)}")) > 0

    def _hidden(self, who: str) -> str:
        return hashlib.blake2b(who.encode(), key=self._secret, digest_size=16).hexdigest()

    async def _asked[T](self, ask: Callable[[], Awaitable[T]]) -> T:
        async with self._line:
            tried_again = self._breaker.open
            if not self._breaker.allows():
                raise Uncounted(self._breaker.wait)
            try:
                async with answered_while_turning(TIMEOUT):
                    found = await ask()
            except Exception as error:  # of what is no answer, the client may make any error
                if isinstance(error, ResponseError):
                    log.warning("limits.refused", error=type(error).__name__)  # it is alive
                elif tried_again or not self._breaker.open:  # else it was under way when another one failed
                    log.warning("limits.away", error=type(error).__name__)
                    self._breaker.failed()
                raise Uncounted(self._breaker.wait) from error
            self._breaker.worked()
            return found


@cache
def _item(name: str, rule: Rule) -> RateLimitItem:
    return RateLimitItemPerSecond(rule.amount, rule.seconds, namespace=f"{name}-{rule.per}")
