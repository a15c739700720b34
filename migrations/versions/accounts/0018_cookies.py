"""Sessions that are found by a cookie, and why a session ended."""

from pathlib import Path

from alembic import op

revision = "0018"
down_revision = "0017"

SQL = Path(__file__).parents[2] / "sql"


def upgrade() -> None:
    op.execute((SQL / "cookies.sql").read_text())


def downgrade() -> None:
    op.execute("alter table auth.session drop column cookie, drop column why")
