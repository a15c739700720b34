"""Accounts, roles, sessions, tokens of bots, and the audit of every change to them."""

from pathlib import Path

from alembic import op

revision = "0002"
down_revision = "0001"

SQL = Path(__file__).parents[2] / "sql"


def upgrade() -> None:
    op.execute((SQL / "auth.sql").read_text())


def downgrade() -> None:
    op.execute("drop schema auth cascade")
