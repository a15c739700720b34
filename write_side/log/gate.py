"""The start-up gate: says why this process must not write to this log, before it does."""

import asyncio
import hashlib
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple

import asyncpg
import structlog

import migrations
from events.codec import Codec
from kit.errors import Refused
from kit.ids import new_id
from kit.postgres.connect import WRITER, Connection, connect
from write_side.log.gate_rights import definers, rights, temporary

NOTIFIED_WITHIN = 2.0
"""Seconds within which a notification must arrive."""

APPEND = Path(migrations.__file__).parent / "sql" / "append_v1.sql"

_MIGRATED = "select to_regclass('log.event') is not null and to_regclass('project.seal') is not null"

_FUNCTION = """
select md5(p.prosrc) as source, p.prosecdef as definer, p.provolatile = 'v' as volatile,
       array(select s from unnest(p.proconfig) s where s not like 'search_path=%') as settings
  from pg_proc p where p.pronamespace = 'log'::regnamespace and p.proname = 'append'"""

_AHEAD = """
select extract(epoch from recorded_at - clock_timestamp())::float8
  from log.event order by position desc limit 1"""

AHEAD = 1.0
"""Seconds that clocks of a primary and its former standby may differ."""

log = structlog.get_logger()

_KINDS = """
select type, schema, min(position) as position from (
  select type, schema, position from project.kind
  union all
  (select type, schema, min(position) from log.event
    where position > coalesce((select max(position) from project.seal), 0) group by type, schema)
) kinds group by type, schema order by position"""


class Function(NamedTuple):
    """What makes a function of the database what it is."""

    source: str
    """MD5 of its text."""
    settings: frozenset[str]
    """All but the search path, which is the same for every function of ours."""
    definer: bool
    volatile: bool


async def check(dsn: str, codec: Codec) -> None:
    """Return when this process may write to the log.

    Args:
        dsn: address of the database, as the appender gets it.
        codec: the events that this build can read.

    Raises:
        Refused: with every reason against it.
    """
    try:
        connection = await connect(dsn, "frankenjet gate", WRITER, statement_timeout="60000")
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise Refused([_not_connected(error)]) from error
    try:
        if not await connection.fetchval(_MIGRATED):
            raise Refused(["The database lacks tables of this build: run `frankenjet migrate`."])
        checks = (
            _durable(connection),
            _settings(connection),
            _function(connection),
            definers(connection),
            temporary(connection),
            rights(connection),
            _kinds(connection, codec),
        )
        lines = [line for one in checks async for line in one]
        await _say_when_ahead(connection)
        if not await _notifies(dsn, connection):
            lines.append(
                f"No notification arrives within {NOTIFIED_WITHIN:g} s: the address leads through a pooler in"
                " transaction mode. Give the address of the server itself, or of a pool of sessions."
            )
    finally:
        connection.terminate()
    if lines:
        raise Refused(lines)


def expected(sql: str) -> Function:
    """Return what the function made by the text of append_v1.sql is like."""
    made = re.fullmatch(r".*?\) language plpgsql (.*?)\bas (\$\w+\$)(.*)\2;\s*", sql, re.DOTALL)
    if made is None:
        raise ValueError("this is not how log.append is made")
    attributes, _, source = made.groups()
    return Function(
        hashlib.md5(source.encode(), usedforsecurity=False).hexdigest(),
        frozenset(
            f"{name}={value}"
            for name, value in re.findall(r"set (\w+) = (\w+)", attributes)
            if name != "search_path"
        ),
        definer="security definer" in attributes,
        volatile=not re.search(r"\b(stable|immutable)\b", attributes),
    )


def _not_connected(error: Exception) -> str:
    said = (str(error) or type(error).__name__).splitlines()[0]
    if isinstance(error, asyncpg.InvalidParameterValueError | asyncpg.InsufficientPrivilegeError):
        return (
            f"The login may not act as {WRITER} ({said}): run `frankenjet migrate`, which lets the login of"
            " DATABASE_URL into the roles."
        )
    return f"The database cannot be used for writing: {said}."


async def _durable(connection: Connection) -> AsyncIterator[str]:
    for name, sound, risk in (
        ("fsync", {"on"}, "a power cut could take acknowledged commands, or the whole database"),
        ("full_page_writes", {"on"}, "a power cut could tear pages of the log"),
        ("synchronous_commit", {"on", "remote_apply"}, "a crash could take acknowledged commands"),
    ):
        value = await connection.fetchval("select current_setting($1)", name)
        if value not in sound:
            yield f"{name} is {value}: {risk}. Set it to on for the server, this database and this login."


async def _settings(connection: Connection) -> AsyncIterator[str]:
    """Yield what somebody has set that a connection of ours cannot undo by itself."""
    for name, sound, risk in (
        ("session_replication_role", "origin", "changes of the audit would be let through"),
        ("transaction_timeout", "0", "a rebuild, a verification or a restore could not finish"),
    ):
        value = await connection.fetchval("select current_setting($1, true)", name)
        if value not in {None, "", sound}:
            yield f"{name} is {value}: {risk}. Reset it for the server, this database and this login."


async def _function(connection: Connection) -> AsyncIterator[str]:
    found = [
        Function(row["source"], frozenset(row["settings"]), row["definer"], row["volatile"])
        for row in await connection.fetch(_FUNCTION)
    ]
    if found != [expected(APPEND.read_text())]:
        yield (
            "The function log.append is not the one that this build was tested with: run `frankenjet migrate`"
            " of the build that belongs to this database, and find out who changed it."
        )


async def _kinds(connection: Connection, codec: Codec) -> AsyncIterator[str]:
    """Yield each (type, schema) of the log that the build cannot read, without reading the log.

    The notary, which reads every event anyway, notes them when it seals, in the same statement. The gate
    reads that note, and of the log only what is after the last seal. An index on (type, schema) would cost
    every append, and so would a note that the append keeps; a sample could miss the one event that matters.
    Without any seal the whole log is read.
    """
    readable = codec.readable()
    for row in await connection.fetch(_KINDS):
        if row["schema"] > 0 and (row["type"], row["schema"]) not in readable:
            yield (
                f"The log holds {row['type']} of schema {row['schema']} (first at {row['position']}), which"
                " this build cannot read: start the build that wrote it, or a newer one."
            )


async def _say_when_ahead(connection: Connection) -> None:
    """Say that the clock is behind the log; to refuse would stop all editors for as long as that lasts."""
    ahead = await connection.fetchval(_AHEAD)
    if ahead is not None and ahead > AHEAD:
        log.warning(
            "log.ahead_of_clock", seconds=round(ahead), means="until then all events get the same moment"
        )


async def _notifies(dsn: str, connection: Connection) -> bool:
    channel = f"frankenjet_gate_{new_id().hex}"
    arrived = asyncio.Event()
    listener = await connect(dsn, "frankenjet gate listener", WRITER)
    try:
        async with asyncio.timeout(NOTIFIED_WITHIN):
            await listener.add_listener(channel, lambda *_: arrived.set())
            await connection.execute("select pg_notify($1, '')", channel)
            await arrived.wait()
    except TimeoutError:
        return False
    finally:
        listener.terminate()
    return True
