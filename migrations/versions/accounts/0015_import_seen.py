"""Readers may tell how far the runs of imports are."""

from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.execute("grant select on auth.import_run to frankenjet_read")


def downgrade() -> None:
    op.execute("revoke select on auth.import_run from frankenjet_read")
