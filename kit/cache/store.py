"""The second level of every cache, in Redis or Valkey: stamped values, never the truth, never in the way."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from copy import copy
from typing import Any, Self

import structlog
from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ResponseError

from kit.cache.breaker import CLIENT_TIMEOUT, Breaker
from kit.running.ending import end
from kit.running.held_up import answered_while_turning

TIMEOUT = 0.25
"""Seconds that connecting, and that an answer, may take."""

READERS, WRITERS = 16, 4
"""Values that may be asked for, and stored, at the same time. Others wait in line, each kind in its own;
a long line says nothing about the server."""

TTL = 6 * 3600
"""Seconds that a value is kept; its stamp may make it useless long before."""

LONGEST_REASON = 200
"""Characters of what is said of a server that is away, such as a wrong password."""

PUTS = 64
"""Values that may be on their way at the same time; more are not stored."""

GATHER, TOGETHER, TOGETHER_BYTES = 0.05, 16, 256 * 1024
"""Seconds that a value to be stored later waits for others, and how many, or how many bytes, go at once."""

VAIN, SELDOM = 32, 8
"""After so many values in a row that were not there, only one of so many is asked for, until one is there."""

_MAGIC = b"fj1\n"
_STAMP = 19
_SEAL = 16
_HEAD = len(_MAGIC) + _STAMP + _SEAL

_PUT = """
for i, key in ipairs(KEYS) do
  local head = redis.pcall('GETRANGE', key, 0, 22)
  local held = type(head) == 'string' and string.sub(head, 1, 4) == 'fj1\\n' and tonumber(string.sub(head, 5))
  if not held or held <= tonumber(ARGV[2 * i]) then
    redis.pcall('SET', key, ARGV[2 * i + 1], 'EX', ARGV[1])
  end
end
"""
"""Replaces each value unless it is a newer one of ours; whatever else stands there gives way. One call takes
many values: a command of its own for each would cost the client more than all else."""

log = structlog.get_logger()


class Cache:
    """Values under keys, each with a stamp; a value is replaced only by one with the same stamp or a newer.

    Whatever happens to the server, `get` returns None and `put` does nothing: neither raises. Once something
    has failed, one task in the background asks the server until it answers: no reader waits to find out.

    Args:
        url: redis:// address; empty: nothing is kept.
        space: beginning of every key, such as "<prefix>:<lineage>".
    """

    def __init__(self, url: str, space: str) -> None:
        self._space = space
        self._breaker = Breaker()
        self._waiting: list[tuple[str, int, bytes]] = []
        self._puts: set[asyncio.Task[None]] = set()
        self._vain = 0
        self._probes: set[asyncio.Task[None]] = set()
        self._readers, self._writers = asyncio.Semaphore(READERS), asyncio.Semaphore(WRITERS)
        self._redis: Redis | None = None
        if url:
            pool = BlockingConnectionPool.from_url(
                url,
                max_connections=READERS + WRITERS + 1,  # and the probe
                timeout=CLIENT_TIMEOUT,
                socket_timeout=CLIENT_TIMEOUT,
                socket_connect_timeout=CLIENT_TIMEOUT,
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
        await end(*self._probes)
        if self._redis is not None:
            await self._redis.aclose()
            await self._redis.connection_pool.disconnect()

    def within(self, space: str) -> "Cache":
        """Return the same cache with another beginning of every key; this one goes on with its own."""
        other = copy(self)
        other._space = space  # noqa: SLF001 - a copy of ourselves
        return other

    @property
    def kept(self) -> bool:
        """Whether there is a server to keep values at all."""
        return self._redis is not None

    async def settled(self) -> None:
        """Return when every value given to `put_later` is stored or given up."""
        self._put_waiting()
        await asyncio.gather(*self._puts)

    async def get(self, key: str) -> tuple[int, bytes] | None:
        """Return the stamp and the value under a key; None when there is none, or none of ours.

        None as well for most keys while nothing is found: to ask costs as much as it may save.
        """
        redis = self._redis
        if redis is None or self._breaker.open:
            return None
        if self._vain >= VAIN and (self._vain - VAIN) % SELDOM:
            self._vain += 1
            return None
        name = f"{self._space}:{key}"
        held = await self._asked(self._readers, lambda: redis.get(name))
        self._vain = 0 if held is not None else self._vain + 1
        return _opened(name, held) if isinstance(held, bytes) else None

    async def put(self, key: str, stamp: int, value: bytes) -> None:
        """Store a value unless a newer one is there.

        Args:
            key: without the space.
            stamp: position of the log that the value stands for, 0 to 10^19.
            value: any bytes.
        """
        await self._put_all([(f"{self._space}:{key}", stamp, value)])

    def put_later(self, key: str, stamp: int, value: bytes) -> None:
        """Store a value after the answer went out, with others; while too many wait, it is not stored."""
        if self._redis is None or self._breaker.open or len(self._puts) >= PUTS // TOGETHER:
            return
        waiting = self._waiting
        waiting.append((f"{self._space}:{key}", stamp, value))
        if len(waiting) >= TOGETHER or sum(len(one[2]) for one in waiting) > TOGETHER_BYTES:
            self._put_waiting()
        elif len(waiting) == 1:
            asyncio.get_running_loop().call_later(GATHER, self._put_waiting)

    def _put_waiting(self) -> None:
        if self._waiting:
            task = asyncio.get_running_loop().create_task(self._put_all(self._waiting.copy()))
            self._waiting.clear()
            self._puts.add(task)
            task.add_done_callback(self._puts.discard)

    async def _put_all(self, values: list[tuple[str, int, bytes]]) -> None:
        """Store values in one round trip."""
        if self._redis is None or self._breaker.open:
            return

        arguments: list[int | bytes] = [TTL]
        for name, stamp, value in values:
            arguments += stamp, _sealed(name, stamp, value)
        names = [name for name, _, _ in values]
        await self._asked(self._writers, lambda: self._replace(keys=names, args=arguments))

    async def _asked(self, line: asyncio.Semaphore, ask: Callable[[], Awaitable[Any]]) -> Any:
        """Return what the server answers; None when it does not, or when the line is too long."""
        try:
            if line.locked():
                async with asyncio.timeout(TIMEOUT):
                    await line.acquire()
            else:
                await line.acquire()
        except TimeoutError:
            return None
        try:
            if self._breaker.open:
                return None
            async with answered_while_turning(TIMEOUT):
                return await ask()
        except Exception as error:  # noqa: BLE001 - of what is no answer, the client may make any error
            self._note(error)
            return None
        finally:
            line.release()

    def _note(self, error: Exception) -> None:
        """Open the breaker; a server that answers with a refusal (full, read-only, other type) is alive.

        What was under way when it opened, and fails as well, says nothing new.
        """
        if isinstance(error, ResponseError) or self._breaker.open:
            return
        log.warning("cache.away", error=type(error).__name__, reason=str(error)[:LONGEST_REASON])
        self._breaker.failed()
        probe = asyncio.get_running_loop().create_task(self._probe(), name="cache probe")
        self._probes.add(probe)
        probe.add_done_callback(self._probes.discard)

    async def _probe(self) -> None:
        """Ask the server after each pause whether it is there, until it says so in time."""
        while self._breaker.open and self._redis is not None:
            await asyncio.sleep(self._breaker.wait)
            if not self._breaker.allows():
                continue
            try:
                async with answered_while_turning(TIMEOUT):
                    await self._redis.ping()
            except Exception as error:  # noqa: BLE001 - as above; else nobody would ever ask again
                if not isinstance(error, ResponseError):
                    self._breaker.failed()
                    continue
            self._breaker.worked()
            log.info("cache.back")


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
