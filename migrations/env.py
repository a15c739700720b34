"""How Alembic reaches the database: by the address that `frankenjet migrate` hands over."""

import psycopg
from alembic import context
from sqlalchemy import create_engine, pool

from kit.db import STEADY, as_options

config = context.config


def run() -> None:
    """Bring the database to the wanted revision in one transaction, one migrator at a time."""
    dsn = config.attributes["dsn"]
    # The driver reads the address itself, as it does elsewhere: SQLAlchemy knows fewer forms of one.
    engine = create_engine(
        "postgresql+psycopg://",
        creator=lambda: psycopg.connect(dsn, options=as_options(STEADY)),
        poolclass=pool.NullPool,
    )
    with engine.connect() as connection:
        context.configure(connection=connection, version_table_schema="public")
        with context.begin_transaction():
            connection.exec_driver_sql("select pg_advisory_xact_lock(7206571234500)")
            context.run_migrations()
    engine.dispose()


run()
