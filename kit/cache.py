"""The second level of every cache, in Redis or Valkey: stamped values, never the truth, never in the way."""

import asyncio
import hashlib
import time
from collections.abc import Callable, Coroutine, Hashable
from typing import Any, Self

import structlog
from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError, ResponseError

TIMEOUT = 0.25
"""Seconds that connecting, and that an answer, may take."""

TTL = 6 * 3600
"""Seconds that a value is kept; its stamp may make it useless long before."""

PUTS = 64
"""Values that may be on their way at the same time; more are not stored."""

_MAGIC = b"fj1\n"
_STAMP = 19
_SEAL = 16
_HEAD = len(_MAGIC) + _STAMP + _SEAL

_PUT = """
local held = redis.pcall('GET', KEYS[1])
if type(held) == 'string' and string.sub(held, 1, 4) == 'fj1\\n' then
  local stamp = tonumber(string.sub(held, 5, 23))
  if stamp and stamp > tonumber(ARGV[1]) then return 0 end
end
redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3])
return 1
"""
"""Replaces a value unless it is a newer one of ours; whatever else stands there gives way."""

log = structlog.get_logger()


class Breaker:
    """Keeps away from what just failed: for half a second, then twice as long, up to ten.

    After each pause one attempt is let through; its outcome decides.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._pause = 0.0
        self._until = 0.0

    @property
    def open(self) -> bool:
        """Whether the last attempt failed."""
        return self._pause > 0

    def allows(self) -> bool:
        """Say whether an attempt may be made now."""
        if not self._pause:
            return True
        now = self._clock()
        if now < self._until:
            return False
        self._until = now + self._pause
        return True

    def failed(self) -> None:
        self._pause = min(max(self._pause * 2, 0.5), 10.0)
        self._until = self._clock() + self._pause

    def worked(self) -> None:
        self._pause = 0.0


class Cache:
    """Values under keys, each with a stamp; a value is replaced only by one with the same stamp or a newer.

    Whatever happens to the server, `get` returns None and `put` does nothing: neither raises.

    Args:
        url: redis:// address; empty: nothing is kept.
        space: beginning of every key, such as "<prefix>:<log id>".
    """

    def __init__(self, url: str, space: str) -> None:
        self._space = space
        self._breaker = Breaker()
        self._puts: set[asyncio.Task[None]] = set()
        self._redis: Redis | None = None
        if url:
            pool = BlockingConnectionPool.from_url(
                url,
                max_connections=16,
                timeout=TIMEOUT,
                socket_timeout=TIMEOUT,
                socket_connect_timeout=TIMEOUT,
                retry=Retry(NoBackoff(), 0),
                protocol=2,
                driver_info=None,
            )
            self._redis = Redis(connection_pool=pool)
            self._replace = self._redis.register_script(_PUT)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.settled()
        if self._redis is not None:
            await self._redis.aclose()
            await self._redis.connection_pool.disconnect()

    @property
    def kept(self) -> bool:
        """Whether there is a server to keep values at all."""
        return self._redis is not None

    async def settled(self) -> None:
        """Return when every value given to `put_later` is stored or given up."""
        await asyncio.gather(*self._puts)

    async def get(self, key: str) -> tuple[int, bytes] | None:
        """Return the stamp and the value under a key; None when there is none, or none of ours."""
        if self._redis is None or not self._breaker.allows():
            return None
        name = f"{self._space}:{key}"
        try:
            async with asyncio.timeout(TIMEOUT):
                held = await self._redis.get(name)
        except (RedisError, OSError, TimeoutError) as error:
            self._note(error)
            return None
        self._breaker.worked()
        return _opened(name, held) if isinstance(held, bytes) else None

    async def put(self, key: str, stamp: int, value: bytes) -> None:
        """Store a value unless a newer one is there.

        Args:
            key: without the space.
            stamp: position of the log that the value stands for, 0 to 10^19.
            value: any bytes.
        """
        if self._redis is None or not self._breaker.allows():
            return
        name = f"{self._space}:{key}"
        try:
            async with asyncio.timeout(TIMEOUT):
                await self._replace(keys=[name], args=[stamp, _sealed(name, stamp, value), TTL])
        except (RedisError, OSError, TimeoutError) as error:
            self._note(error)
            return
        self._breaker.worked()

    def put_later(self, key: str, stamp: int, value: bytes) -> None:
        """Store a value after the answer went out; when too many wait, this one is not stored."""
        if self._redis is not None and len(self._puts) < PUTS:
            task = asyncio.get_running_loop().create_task(self.put(key, stamp, value))
            self._puts.add(task)
            task.add_done_callback(self._puts.discard)

    def _note(self, error: Exception) -> None:
        """Count a failure; a server that answers with a refusal (full, read-only, other type) is alive."""
        if isinstance(error, ResponseError):
            return
        if not self._breaker.open:
            log.warning("cache.away", error=type(error).__name__)
        self._breaker.failed()


class Flights:
    """Lets one caller do the work that others wait for under the same key."""

    def __init__(self) -> None:
        self._tasks: dict[Hashable, asyncio.Task[Any]] = {}

    async def share[T](self, key: Hashable, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Return what `work` returns, or raise what it raises; while it runs, all callers share it.

        A caller that goes away does not take the work with it.
        """
        task: asyncio.Task[T] | None = self._tasks.get(key)
        if task is None:
            task = self._tasks[key] = asyncio.get_running_loop().create_task(work())
            task.add_done_callback(lambda done: self._landed(key, done))
        return await asyncio.shield(task)

    def _landed(self, key: Hashable, task: asyncio.Task[Any]) -> None:
        del self._tasks[key]
        if not task.cancelled():
            task.exception()  # looked at, so that nobody complains when every caller has gone


def _seal(name: str, stamp: bytes, value: bytes) -> bytes:
    """Hash a value with the key it belongs to, so that nothing but our own under its own key is believed."""
    hasher = hashlib.blake2b(name.encode(), digest_size=_SEAL)
    hasher.update(stamp)
    hasher.update(value)
    return hasher.digest()


def _sealed(name: str, stamp: int, value: bytes) -> bytes:
    digits = b"%019d" % stamp
    return b"".join((_MAGIC, digits, _seal(name, digits, value), value))


def _opened(name: str, held: bytes) -> tuple[int, bytes] | None:
    digits, seal, value = held[4:23], held[23:_HEAD], held[_HEAD:]
    if not held.startswith(_MAGIC) or seal != _seal(name, digits, value):
        return None
    return int(digits), value
