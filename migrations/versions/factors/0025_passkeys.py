"""Passkeys, and the challenges that they sign."""

from pathlib import Path

from alembic import op

revision = "0025"
down_revision = "0024"

SQL = Path(__file__).parents[2] / "sql"


def upgrade() -> None:
    op.execute((SQL / "passkeys.sql").read_text())


def downgrade() -> None:
    op.execute("drop table auth.challenge; drop table auth.passkey")
