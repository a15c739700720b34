"""Who decided that a projection passes over an event."""

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.execute("alter table project.skipped add column by text not null default ''")


def downgrade() -> None:
    op.execute("alter table project.skipped drop column by")
