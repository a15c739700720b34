"""Bring a database to the schema of this build."""

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
    login = urlsplit(process_dsn or owner_dsn).username
    if login and login != urlsplit(owner_dsn).username:
        _let_into_roles(owner_dsn, login)


def _let_into_roles(owner_dsn: str, login: str) -> None:
    with psycopg.connect(owner_dsn, autocommit=True) as connection:
        for role in ROLES:
            connection.execute(
                psycopg.sql.SQL("grant {} to {}").format(
                    psycopg.sql.Identifier(role), psycopg.sql.Identifier(login)
                )
            )
