"""What is looked at before a verb begins: keys, ports, and whether its servers let it do what it is about to.

A setting that is wrong and a server that is away are said here, in one line that names the setting and the
mend, before a process has started, a file is open or a worker runs.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import asyncpg

from kit.checkout import ROOT
from kit.errors import Refused
from kit.forms import addresses
from kit.postgres.connect import READER, STEADY, WRITER, connect
from kit.settings import Settings

OLDEST, NEWEST = 15, 18
"""Major versions of PostgreSQL that this build was tested with; a newer one is let in."""

LOOK_SECONDS = 5.0
"""Longest time that a look at a server may take."""

MIGRATIONS = ROOT / "migrations" / "versions"

_LOOK = """
select exists (select from pg_class c join pg_namespace n on n.oid = c.relnamespace
                where n.nspname = 'log' and c.relname = 'event') as log,
       (select has_table_privilege(c.oid, 'select')
          from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where n.nspname = 'public' and c.relname = 'alembic_version') as versioned,
       current_user as login,
       array(select wanted from unnest($1::text[]) wanted left join pg_roles on rolname = wanted
              where rolname is null or not pg_has_role(oid, 'member')) as lacking,
       array(select rolname::text from pg_roles
              where rolname in ('frankenjet_write', 'frankenjet_project', 'frankenjet_read',
                                'frankenjet_accounts')
                and pg_has_role(oid, 'member') and current_setting('is_superuser') = 'off') as held"""

_WHICH = """
select id, log.epoch(), (select oid from pg_database where datname = current_database()) from log.identity"""

_VERSION = "select version_num from public.alembic_version"


def reach(dsn: str, setting: str, roles: Sequence[str] = (), *, migrated: bool = True) -> None:
    """Return when a database can be used.

    Args:
        dsn: its address, as the reader of its form returned it.
        setting: where that comes from.
        roles: the login has to be let into these.
        migrated: whether it has to hold the schema of this build, or that of a newer one.

    Raises:
        Refused: it cannot; with the setting, the reason and the mend.
    """
    asyncio.run(_reached(dsn, setting, roles, migrated=migrated))


async def _reached(dsn: str, setting: str, roles: Sequence[str], *, migrated: bool) -> None:
    try:
        async with asyncio.timeout(LOOK_SECONDS * 2):
            connection = await asyncpg.connect(dsn, timeout=LOOK_SECONDS, server_settings=STEADY)
            try:
                lacks = await _lacks(connection, roles, migrated=migrated)
            finally:
                connection.terminate()
    except Exception as error:
        from scripts.cli.refusals import why

        reason = why(error)
        if reason is None:
            raise
        raise Refused([f"{setting}: PostgreSQL at {addresses.place(dsn)}: {reason}"]) from error
    if lacks:
        raise Refused([f"{setting}: {lacks}"])


def one_log(dsn: str, reading: str) -> None:
    """Return when the address of the read side leads to the database that commands are written to.

    Raises:
        Refused: it leads to another one; with the setting and the mend.
    """
    if asyncio.run(_which(dsn, WRITER)) != asyncio.run(_which(reading, READER)):
        said = f"PostgreSQL at {addresses.place(reading)} holds another log than the one of DATABASE_URL"
        raise Refused([f"FRANKENJET_READ_URL: {said}: both have to lead to one database"])


async def _which(dsn: str, role: str) -> tuple[object, ...]:
    """Return what tells one log from every other one, and from copies of it."""
    connection = await connect(dsn, "frankenjet door", role)
    try:
        async with asyncio.timeout(LOOK_SECONDS):
            return tuple(await connection.fetchrow(_WHICH))
    finally:
        connection.terminate()


async def _lacks(connection: Any, roles: Sequence[str], *, migrated: bool) -> str:
    """Say what a database lacks, and how to mend it; empty: nothing."""
    version = connection.get_server_version()
    if version.major < OLDEST:
        return f"this is PostgreSQL {version.major}, and {OLDEST} to {NEWEST} are supported: use a newer one"
    row = await connection.fetchrow(_LOOK, list(roles))
    if migrated and not row["log"]:
        return "the database does not hold the tables of this build: run `frankenjet migrate` first"
    if row["lacking"]:
        lacking, login = ", ".join(row["lacking"]), row["login"]
        if row["held"]:  # `migrate` gives nothing more to such a login
            return (
                f"the login {login} may act as {', '.join(row['held'])} and not as {lacking}: use one that"
                f" may, or run `grant {lacking} to {login}` as the owner"
            )
        return (
            f"the login {login} is not let into {lacking}: run `frankenjet migrate`"
            " with this address in DATABASE_URL and the owner's in FRANKENJET_OWNER_URL"
        )
    if migrated and row["versioned"]:
        held = await connection.fetchval(_VERSION)
        if held in _versions()[:-1]:
            return (
                f"the database is at {held} and this build needs {newest()}: run `frankenjet migrate` first"
            )
    return ""


def newest() -> str:
    """Return the version that this build brings a database to."""
    return _versions()[-1]


def _versions() -> list[str]:
    return sorted(path.name.partition("_")[0] for path in MIGRATIONS.rglob("[0-9]*.py"))


async def reach_broker(url: str, setting: str) -> None:
    """Return when a broker lets us in.

    Raises:
        Refused: it is away or says no; with the setting, the reason and the mend.
    """
    from kit.broker.amqp.address import parse
    from kit.broker.amqp.channel import Channel

    try:
        async with asyncio.timeout(LOOK_SECONDS):
            channel = await Channel.connect(parse(url), "frankenjet", lambda _: None, lambda _: None)
    except OSError as error:
        from scripts.cli.refusals import why

        raise Refused([f"{setting}: RabbitMQ at {addresses.place(url)}: {why(error)}"]) from error
    await channel.close()


def ready_to_serve(settings: Settings, workers: int = 1) -> None:
    """Return when one may listen where it is to; what is served asks for its keys and the log itself.

    Args:
        settings: name the ports.
        workers: processes; each has an internal port of its own.

    Raises:
        kit.embedded.state.EmbeddedError: a port is taken; with its setting.
    """
    from scripts.cli.port import choose_port

    choose_port(settings.host, settings.port or 8000)
    if settings.internal_port is not None:
        for number in range(workers):
            choose_port(settings.host, settings.internal_port + number, "FRANKENJET_INTERNAL_PORT")


def read_as[T](name: str, read: Callable[[str], T], text: str) -> T:
    """Read what stands behind an option by the reader of its form.

    Raises:
        Refused: it cannot be read; with the option and the mend.
    """
    from kit.forms import Wrong

    try:
        return read(text)
    except Wrong as wrong:
        raise Refused([f"{name}: {wrong}"]) from None
