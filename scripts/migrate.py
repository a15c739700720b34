"""Bring a database, and a broker, to what this build needs."""

from contextlib import suppress

import psycopg
from alembic import command
from psycopg.conninfo import conninfo_to_dict

from kit.errors import Refused
from kit.postgres.blocking import opening
from migrations.config import alembic_config

ROLES = ("frankenjet_write", "frankenjet_project", "frankenjet_read", "frankenjet_accounts")

_MAY = """
select current_user as login,
       (select rolsuper or rolcreaterole from pg_roles where rolname = current_user) as makes_roles,
       has_database_privilege(current_database(), 'create')
         and has_schema_privilege('public', 'create') as makes_tables,
       current_database() as name,
       array(select wanted from unnest(%s::text[]) wanted where to_regrole(wanted) is null) as missing"""

_IN_A_ROLE = """
select 1 from pg_auth_members m join pg_roles of on of.oid = m.roleid join pg_roles who on who.oid = m.member
 where who.rolname = %s and of.rolname = any(%s)"""


def migrate(owner_dsn: str, process_dsn: str = "") -> None:
    """Run every migration that the database lacks; safe to run at any time and twice at once.

    Args:
        owner_dsn: address of the login that owns the schemas.
        process_dsn: address of the processes' login where it is another one; it is let into the roles unless
            it is in one of them already.

    Raises:
        Refused: the owner lacks a right that this takes; with the statement that gives it.
        psycopg.Error, sqlalchemy.exc.SQLAlchemyError: when the server cannot be reached or refuses.
        TimeoutError: it has fallen silent. A migration may take as long as it wants while the server answers.
    """
    with opening(owner_dsn, "frankenjet migrate") as connect:
        with connect() as connection:
            connection.autocommit = True
            _may(connection)
        config = alembic_config()
        config.attributes["connect"] = connect
        command.upgrade(config, "head")
        with connect() as connection:
            connection.autocommit = True
            _let_in(connection, owner_dsn, process_dsn)


def _let_in(connection: psycopg.Connection, owner_dsn: str, process_dsn: str) -> None:
    """Let the login of processes into the roles, and nobody make temporary objects."""
    revoke_temporary(connection)
    roles = psycopg.sql.SQL(", ").join(map(psycopg.sql.Identifier, ROLES))
    told = psycopg.sql.SQL("grant select on public.alembic_version to {}")  # so that they can say: migrate
    connection.execute(told.format(roles))
    login = conninfo_to_dict(process_dsn or owner_dsn).get("user")
    if (
        login
        and login != conninfo_to_dict(owner_dsn).get("user")
        and not connection.execute(_IN_A_ROLE, (login, list(ROLES))).fetchone()
    ):
        let_in = psycopg.sql.SQL("grant {} to {}").format(roles, psycopg.sql.Identifier(str(login)))
        connection.execute(let_in)


def revoke_temporary(connection: psycopg.Connection, database: str = "") -> None:
    """Let nobody but its owner make temporary objects in a database; the start-up gate says if that failed.

    It belongs to the database, not to what is in it: no copy and no dump brings it along.

    Args:
        connection: acts as the owner of the database.
        database: its name; empty: the one that the connection is in.
    """
    with suppress(psycopg.errors.InsufficientPrivilege):
        connection.execute(
            psycopg.sql.SQL("revoke temporary on database {} from public").format(
                psycopg.sql.Identifier(database or connection.info.dbname)
            )
        )


def _may(connection: psycopg.Connection) -> None:
    """Return when the owner may do what a first migration does."""
    row = connection.execute(_MAY, [list(ROLES)]).fetchone()
    assert row is not None  # noqa: S101 - a select without a table
    login, makes_roles, makes_tables, name, missing = row
    lines = []
    if missing and not makes_roles:
        lines.append(
            f"the owner {login} may not make the roles {', '.join(missing)}: let a superuser run"
            f' `alter role "{login}" createrole`, or make them and grant them to it with admin option'
        )
    if not makes_tables:
        lines.append(
            f"the owner {login} may not make schemas in the database {name}: let a superuser run"
            f' `alter database "{name}" owner to "{login}"`'
        )
    if lines:
        raise Refused(lines)


async def declare_in(rabbitmq_url: str) -> None:
    """Declare exchanges and streams in a broker.

    Raises:
        Refused: there is none, it is away, or says no; with the setting, the reason and the mend.
    """
    from kit.broker.topology import Mismatch, declare_all
    from scripts.cli.door import reach_broker

    if not rabbitmq_url:
        raise Refused(["RABBITMQ_URL: it is not set, and --broker needs the address of a RabbitMQ"])
    await reach_broker(rabbitmq_url, "RABBITMQ_URL")
    try:
        await declare_all(rabbitmq_url)
    except Mismatch as error:
        raise Refused([f"RABBITMQ_URL: {error}: delete the old one, or use another virtual host"]) from error
    except ConnectionError as error:
        raise Refused(
            [f"RABBITMQ_URL: {error}; the login needs the right to configure (rabbitmqctl set_permissions)"]
        ) from error
