"""What others are to be told of accounts, until the log has it."""

from pathlib import Path

from alembic import op

revision = "0016"
down_revision = "0015"

SQL = Path(__file__).parents[2] / "sql"


def upgrade() -> None:
    op.execute((SQL / "outbox.sql").read_text())


def downgrade() -> None:
    op.execute("drop table auth.outbox")
    op.execute("alter table auth.account drop column version")
