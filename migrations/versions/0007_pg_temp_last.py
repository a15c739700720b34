"""No temporary object of a caller is taken for PostgreSQL's own inside a function of ours."""

from pathlib import Path

from alembic import op

revision = "0007"
down_revision = "0006"

SQL = Path(__file__).parent.parent / "sql"


def upgrade() -> None:
    op.execute((SQL / "pg_temp_last.sql").read_text())


def downgrade() -> None:
    op.execute(
        "alter default privileges in schema project revoke select on tables from frankenjet_write;"
        "revoke select on all tables in schema project from frankenjet_write;"
        "grant select on project.seal, project.kind to frankenjet_write"
    )
