"""Connections to PostgreSQL, with a role and with time-outs that lie inside a command's deadline."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any

import asyncpg
import orjson

from kit.postgres.ended import OurConnection, OurPool

WRITER = "frankenjet_write"
PROJECTOR = "frankenjet_project"
READER = "frankenjet_read"
ACCOUNTS = "frankenjet_accounts"
"""Changes accounts, and nothing else; anyone who writes to the log may act as it, and no other process."""

AWAY = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
"""What asyncpg raises of a server that is away, refuses, or goes away in the middle of an answer."""

GREETING = 2.0
"""Seconds that a server may take to accept a connection, and as long again to answer the first questions."""

STEADY = {
    "client_encoding": "UTF8",
    "search_path": "public,pg_temp",
    "role": "none",
    "default_transaction_isolation": "read committed",
    "default_transaction_read_only": "off",
    "default_transaction_deferrable": "off",
    "statement_timeout": "0",
    "lock_timeout": "0",
    "idle_in_transaction_session_timeout": "0",
    "idle_session_timeout": "0",
    "exit_on_error": "off",
    "timezone": "UTC",
    "datestyle": "ISO",
    "intervalstyle": "postgres",
    "bytea_output": "hex",
    "extra_float_digits": "1",
    "array_nulls": "on",
    "standard_conforming_strings": "on",
    "transform_null_equals": "off",
    "quote_all_identifiers": "off",
    "row_security": "on",
    "plan_cache_mode": "auto",
    "jit": "off",
}
"""What every connection of ours says, whatever somebody has set for the server, the database or the login.

What a login may not say (session_replication_role), and what not every version knows (transaction_timeout),
the start-up gate asks instead.
"""

IDLE_SECONDS = 60.0
"""Seconds after which a pool closes a connection that nobody needed: many are open only while many ask."""

type Connection = Any
"""asyncpg has no types of its own; a connection or one that a pool lends."""

type Pool = Any

type Check = Callable[[Connection], Awaitable[None]]
"""Looks at a new connection before it is used, and raises when it must not be."""


def _server_settings(name: str, role: str | None, **extra: str) -> dict[str, str]:
    wanted = STEADY | {
        "application_name": name,
        "lock_timeout": "1000",
        "statement_timeout": "5000",
        "idle_in_transaction_session_timeout": "2000",
        "client_connection_check_interval": "500",
        "tcp_user_timeout": "2500",
        "tcp_keepalives_idle": "10",  # a client whose machine lost its power holds its locks no longer than
        "tcp_keepalives_interval": "3",  # some 20 s; over a Unix socket these say nothing
        "tcp_keepalives_count": "3",
    }
    wanted |= extra
    if role is not None:
        wanted["role"] = role
    return wanted


def as_options(settings: Mapping[str, str]) -> str:
    """Return settings of a connection as libpq takes them in `options`."""
    return " ".join(f"-c {name}={re.sub(r'([ \\])', r'\\\1', value)}" for name, value in settings.items())


def said(error: BaseException) -> str:
    """Return an error in one line: its class and the beginning of its text."""
    first = (str(error).strip() or "no text").splitlines()[0]
    return f"{type(error).__name__}: {first}"[:300]


async def _json_as_objects(connection: Connection) -> None:
    for kind in ("json", "jsonb"):
        await connection.set_type_codec(
            kind, schema="pg_catalog", format="binary", encoder=_WRITE[kind], decoder=_READ[kind]
        )


def _json(value: Any) -> bytes:
    return value if type(value) is bytes else orjson.dumps(value)


_WRITE: dict[str, Callable[[Any], bytes]] = {
    "json": _json,
    "jsonb": lambda value: b"\x01" + _json(value),  # the version of its wire format
}
_READ: dict[str, Callable[[bytes], Any]] = {
    "json": orjson.loads,
    "jsonb": lambda value: orjson.loads(value[1:]),
}


async def connect(dsn: str, name: str, role: str | None = None, **settings: str) -> Connection:
    """Open one connection that acts as a role; json columns come as objects, and go as objects or bytes.

    Args:
        dsn: postgresql:// address.
        name: application name shown in pg_stat_activity.
        role: role that every statement runs as; None keeps the login role.
        settings: further server settings, as strings; they win over the defaults.

    Raises:
        OSError, asyncpg.PostgresError: when the server cannot be reached or refuses.
    """
    connection = await asyncpg.connect(
        dsn,
        timeout=GREETING,
        server_settings=_server_settings(name, role, **settings),
        connection_class=OurConnection,
    )
    try:
        async with asyncio.timeout(GREETING):
            await _json_as_objects(connection)
    except BaseException:
        connection.terminate()  # a task that is cancelled here has nothing in its hands that it could close
        raise
    return connection


async def hang_up(connection: Connection) -> None:
    """Close a connection and let the server know; one that stays silent is not waited for."""
    with suppress(*AWAY):
        async with asyncio.timeout(GREETING):  # the driver's own does not count while a query is given up
            await connection.close()


async def unchecked(_connection: Connection) -> None:
    """Let a connection through."""


async def pool(
    dsn: str, name: str, role: str | None = None, *, size: int = 8, check: Check = unchecked, **settings: str
) -> Pool:
    """Open a pool of at most `size` connections with the settings of `connect`, each of them checked.

    Who opens it terminates it: `close` waits for the server to hang up, without end if it is silent.
    """

    async def begin(connection: Connection) -> None:
        async with asyncio.timeout(GREETING):
            await _json_as_objects(connection)
            await check(connection)

    return await OurPool(
        dsn,
        min_size=0,
        max_size=size,
        max_queries=50_000,
        max_inactive_connection_lifetime=IDLE_SECONDS,
        timeout=GREETING,
        init=begin,
        reset=_keep,
        server_settings=_server_settings(name, role, **settings),
        loop=None,
        connection_class=OurConnection,
        record_class=asyncpg.Record,
    )


@asynccontextmanager
async def pooled(dsn: str, name: str, role: str | None = None, **how: Any) -> AsyncIterator[Pool]:
    """Yield a `pool`, and terminate it at the end of the block."""
    opened = await pool(dsn, name, role, **how)
    try:
        yield opened
    finally:
        opened.terminate()


async def _keep(_connection: Connection) -> None:
    """Skip asyncpg's reset round trip: our statements leave nothing behind."""


def quoted(identifier: str) -> str:
    """Quote a name for SQL; only names of our own making come here, others are refused."""
    if not re.fullmatch(r"[a-z_][a-z0-9_]{0,62}", identifier):
        raise ValueError("not an identifier of ours")
    return f'"{identifier}"'
