"""Checks the migrations on a database of its own: one head, up, down to nothing, and up to the same again."""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
from alembic import command
from alembic.script import ScriptDirectory

from kit.embedded.state import open_state
from kit.settings import Settings
from migrations.config import alembic_config
from scripts.cli.database import database
from scripts.migrate import migrate

_MADE = """
select format('%s.%s %s %s %s', n.nspname, c.relname, c.relkind, c.relacl, columns)
  from pg_class c join pg_namespace n on n.oid = c.relnamespace,
       lateral (select string_agg(concat_ws(' ', attname, format_type(atttypid, atttypmod), attnotnull),
                                  ', ' order by attnum) as columns
                  from pg_attribute where attrelid = c.oid and attnum > 0) of_table
 where n.nspname !~ '^(pg_|information_schema)' and c.relname !~ '^alembic_version'
union all
select format('%s.%s %s %s', n.nspname, p.proname, p.proacl, md5(pg_get_functiondef(p.oid)))
  from pg_proc p join pg_namespace n on n.oid = p.pronamespace where n.nspname !~ '^(pg_|information_schema)'
union all
select format('schema %s %s', nspname, nspacl) from pg_namespace
 where nspname !~ '^(pg_|information_schema|public$)'
 order by 1"""


def check(dsn: str) -> list[str]:
    """Return what is wrong with the migrations, in words; an empty database of our own is at `dsn`."""
    config = alembic_config()
    config.attributes["connect"] = lambda: psycopg.connect(dsn)
    heads = ScriptDirectory.from_config(config).get_heads()
    if len(heads) != 1:
        return [f"there are {len(heads)} heads: {', '.join(sorted(heads))}"]
    migrate(dsn)
    first = made(dsn)
    command.downgrade(config, "base")
    left = made(dsn)
    if left:
        return ["down to the base leaves: " + line for line in left]
    migrate(dsn)
    second = made(dsn)
    return ["up again makes another schema: " + line for line in sorted(set(first) ^ set(second))]


def made(dsn: str) -> list[str]:
    """Return a line for each schema, table, index, column list and function that is not PostgreSQL's own."""
    with psycopg.connect(dsn) as connection:
        return [row[0] for row in connection.execute(_MADE).fetchall()]


def main() -> int:
    """Say what is wrong; return the exit code."""
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o711)  # root's server runs as a lesser user, who has to come in
        state = open_state(Path(folder) / "state")
        with database(Settings(state=state.folder, database_url="", owner_url=""), migrated=False) as dsn:
            problems = check(dsn)
    for line in problems:
        print(f"migrations: {line}", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
