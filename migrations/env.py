"""How Alembic reaches the database: as `frankenjet migrate` opens connections."""

from alembic import context
from sqlalchemy import create_engine, pool

config = context.config


def run() -> None:
    """Bring the database to the wanted revision in one transaction, one migrator at a time."""
    # The driver reads the address itself, as it does elsewhere: SQLAlchemy knows fewer forms of one.
    engine = create_engine(
        "postgresql+psycopg://",
        creator=config.attributes["connect"],
        poolclass=pool.NullPool,
    )
    with engine.connect() as connection:
        context.configure(connection=connection, version_table_schema="public")
        with context.begin_transaction():
            connection.exec_driver_sql("select pg_advisory_xact_lock(7206571234500)")
            context.run_migrations()
    engine.dispose()


run()
