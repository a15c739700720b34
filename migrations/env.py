"""How Alembic reaches the database: by the address that `frankenjet migrate` hands over."""

from alembic import context
from sqlalchemy import create_engine, pool

config = context.config


def run() -> None:
    """Bring the database to the wanted revision in one transaction, one migrator at a time."""
    url = config.attributes["dsn"].replace("postgresql://", "postgresql+psycopg://", 1)
    engine = create_engine(url, poolclass=pool.NullPool)
    with engine.connect() as connection:
        context.configure(connection=connection, version_table_schema="public")
        with context.begin_transaction():
            connection.exec_driver_sql("select pg_advisory_xact_lock(7206571234500)")
            context.run_migrations()
    engine.dispose()


run()
