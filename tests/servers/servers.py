"""The servers that tests use: given ones, the machine's or one like it, or embedded ones."""

import atexit
import os
import shutil
import tempfile
from functools import cache
from pathlib import Path

import psycopg
from redis import Redis
from redis.exceptions import RedisError

from kit.embedded.postgres import Postgres
from kit.embedded.state import StateFolder, open_state
from kit.embedded.valkey import Valkey
from tests.servers.nodes.in_memory import like, postgres_in_memory

POSTGRES = "postgresql://postgres@127.0.0.1:5432/postgres"
REDIS = "redis://127.0.0.1:6379/0"


def _given(name: str) -> str:
    return os.environ.get(name, "")  # noqa: TID251 - tests have no settings


@cache
def _state() -> StateFolder:
    folder = Path(tempfile.mkdtemp(prefix="fjtest-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return open_state(folder)


@cache
def postgres_url() -> str:
    """Return the address of a PostgreSQL where databases may be made.

    Where the machine has one, it is of the same programs, with its files in memory.
    """
    for dsn in (_given("FRANKENJET_TEST_DATABASE_URL"), POSTGRES):
        try:
            if dsn:
                psycopg.connect(dsn, connect_timeout=2).close()
        except psycopg.OperationalError:
            continue
        if dsn == POSTGRES and (model := like(dsn)) is not None and (own := postgres_in_memory(model)):
            return own
        if dsn:
            return dsn
    embedded = Postgres(_state(), final=True)
    atexit.register(embedded.stop)
    return embedded.start()


@cache
def redis_url() -> str:
    """Return the address of a Redis or Valkey; its users keep to prefixes of their own."""
    for url in (_given("FRANKENJET_TEST_REDIS_URL"), REDIS):
        try:
            if url:
                with Redis.from_url(url) as client:
                    client.ping()
                return url
        except RedisError:
            continue
    embedded = Valkey(_state())
    atexit.register(embedded.stop)
    return embedded.start()
