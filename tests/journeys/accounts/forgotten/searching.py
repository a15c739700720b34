"""Looks for words in every table as a dump has it, in Redis, in files, in messages and in lines of output."""

import io
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import aio_pika
from redis.asyncio import Redis

from kit.postgres.connect import Connection
from tests.servers.running import REDIS

_TABLES = """
select n.nspname as schema, c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
 where c.relkind in ('r', 'm') and n.nspname !~ '^(pg_|information_schema$)' order by 1, 2"""

_READ: dict[str, Any] = {
    "string": lambda redis, key: redis.get(key),
    "hash": lambda redis, key: redis.hgetall(key),
    "list": lambda redis, key: redis.lrange(key, 0, -1),
    "set": lambda redis, key: redis.smembers(key),
    "zset": lambda redis, key: redis.zrange(key, 0, -1, withscores=True),
    "stream": lambda redis, key: redis.xrange(key),
}


def hits(text: str | bytes, words: Iterable[str], place: str) -> Iterator[str]:
    """Yield where a word is, as it is or in hex, as a dump writes bytes."""
    shown = (text.decode(errors="replace") if isinstance(text, bytes) else text).casefold()
    for word in words:
        if word.casefold() in shown or word.encode().hex() in shown:
            yield f"{place}: {word}"


async def in_tables(owner: Connection, words: Iterable[str]) -> list[str]:
    """Return where in the database a word is, in what a dump would hold of each table of each schema."""
    words = list(words)
    found: list[str] = []
    tables = await owner.fetch(_TABLES)
    assert len(tables) > 20
    for row in tables:
        dump = io.BytesIO()
        await owner.copy_from_table(row["name"], schema_name=row["schema"], output=dump)
        found += hits(dump.getvalue(), words, f"{row['schema']}.{row['name']}")
    return found


async def in_redis(prefix: str, words: Iterable[str]) -> tuple[list[str], int]:
    """Return where in the shared cache a word is, and how many keys there were."""
    words = list(words)
    found: list[str] = []
    keys = 0
    redis = Redis.from_url(REDIS)
    async for key in redis.scan_iter(f"{prefix}:*", count=1_000):
        keys += 1
        kind = str(await redis.type(key), "ascii")  # type: ignore[arg-type]  # it is bytes
        found += hits(repr(key), words, "key of Redis")
        found += hits(repr(await _READ[kind](redis, key)), words, repr(key))
    await redis.aclose()
    return found, keys


def in_files(folder: Path, words: Iterable[str]) -> list[str]:
    """Return which files hold a word."""
    words = list(words)
    return [
        hit
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        for hit in hits(path.name.encode() + path.read_bytes(), words, str(path.relative_to(folder)))
    ]


def in_message(message: aio_pika.abc.AbstractIncomingMessage, words: Iterable[str]) -> list[str]:
    """Return which words a message holds, in its body or beside it."""
    beside = repr((message.info(), message.headers))
    return [*hits(message.body, words, "message"), *hits(beside, words, "beside a message")]
