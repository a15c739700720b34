"""Webhooks: endpoints with how far each has got, tries, dead letters, and what is wanted once more."""

from pathlib import Path

from alembic import op

revision = "0031"
down_revision = "0030"

SQL = Path(__file__).parents[1] / "sql"


def upgrade() -> None:
    op.execute((SQL / "webhooks.sql").read_text())


def downgrade() -> None:
    op.execute("drop schema hook cascade")
