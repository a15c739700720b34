"""Second factors, and whether a session was opened with one."""

from pathlib import Path

from alembic import op

revision = "0024"
down_revision = "0023"

SQL = Path(__file__).parents[2] / "sql"


def upgrade() -> None:
    op.execute((SQL / "factors.sql").read_text())


def downgrade() -> None:
    op.execute("alter table auth.session drop column strong")
    op.execute("drop table auth.recovery_code; drop table auth.totp")
