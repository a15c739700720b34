"""Bring a database to the schema of this build."""

from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from alembic import command
from alembic.config import Config

import migrations

ROLES = ("frankenjet_write", "frankenjet_project", "frankenjet_read")


def migrate(owner_dsn: str, process_dsn: str = "") -> None:
    """Run every migration that the database lacks; safe to run at any time and twice at once.

    Args:
        owner_dsn: address of the login that owns the schemas.
        process_dsn: address of the processes' login where it is another one; it is let into the roles.

    Raises:
        psycopg.Error: when the server cannot be reached or refuses.
    """
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    config.attributes["dsn"] = owner_dsn
    command.upgrade(config, "head")
    with psycopg.connect(owner_dsn, autocommit=True) as connection:
        revoke_temporary(connection)
    login = urlsplit(process_dsn or owner_dsn).username
    if login and login != urlsplit(owner_dsn).username:
        _let_into_roles(owner_dsn, login)


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


def _let_into_roles(owner_dsn: str, login: str) -> None:
    with psycopg.connect(owner_dsn, autocommit=True) as connection:
        for role in ROLES:
            connection.execute(
                psycopg.sql.SQL("grant {} to {}").format(
                    psycopg.sql.Identifier(role), psycopg.sql.Identifier(login)
                )
            )
