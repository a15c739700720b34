"""What the eventsourcing library needs to work on the log: its tracking, its snapshots, its append."""

from pathlib import Path

from alembic import op

revision = "0005"
down_revision = "0004"

SQL = Path(__file__).parent.parent / "sql"


def upgrade() -> None:
    op.execute((SQL / "recorder.sql").read_text())


def downgrade() -> None:
    op.execute("drop function log.append_tracked; drop schema library cascade")
