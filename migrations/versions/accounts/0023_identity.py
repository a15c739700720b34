"""Identities of people at providers, and attempts to sign in with one."""

from pathlib import Path

from alembic import op

revision = "0023"
down_revision = "0022"

SQL = Path(__file__).parents[2] / "sql"


def upgrade() -> None:
    op.execute((SQL / "identity.sql").read_text())


def downgrade() -> None:
    op.execute("drop table auth.attempt; drop table auth.identity")
