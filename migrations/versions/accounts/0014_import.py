"""Authors of imported content as accounts of their own, and the runs of imports."""

from pathlib import Path

from alembic import op

revision = "0014"
down_revision = "0013"

SQL = Path(__file__).parents[2] / "sql"


def upgrade() -> None:
    op.execute((SQL / "author.sql").read_text())


def downgrade() -> None:
    op.execute("drop table auth.import_run")
    op.execute("drop function auth.author")
    op.execute("drop table auth.author")
