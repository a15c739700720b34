"""The engine's own tables: generations of read schemas, cursors, leases, parked events, the purge feed."""

from pathlib import Path

from alembic import op

revision = "0003"
down_revision = "0002"

SQL = Path(__file__).parent.parent / "sql"


def upgrade() -> None:
    op.execute((SQL / "engine.sql").read_text())


def downgrade() -> None:
    op.execute("drop schema project cascade; drop function log.head(); drop function log.epoch()")
