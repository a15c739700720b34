"""The log: events, idempotency keys, snapshots, the append function, and the roles of the processes."""

from pathlib import Path

from alembic import op

revision = "0001"
down_revision = None

SQL = Path(__file__).parent.parent / "sql"


def upgrade() -> None:
    for name in ("roles", "log", "append_v1", "grants_log"):
        op.execute((SQL / f"{name}.sql").read_text())


def downgrade() -> None:
    op.execute("drop schema log cascade")
