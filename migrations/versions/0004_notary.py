"""What the notary keeps: seals of the log, and the kinds of event that it holds."""

from pathlib import Path

from alembic import op

revision = "0004"
down_revision = "0003"

SQL = Path(__file__).parent.parent / "sql"


def upgrade() -> None:
    op.execute((SQL / "notary.sql").read_text())


def downgrade() -> None:
    op.execute("drop table project.seal, project.kind")
    op.execute("revoke select (position) on log.key from frankenjet_project")
