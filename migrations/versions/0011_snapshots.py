"""Several snapshots of a stream, so that what it was at any moment is near one of them."""

from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.execute(
        "alter table log.snapshot"
        " add column revision integer not null default 0,"
        " drop constraint snapshot_pkey,"
        " add primary key (stream, version)"
    )


def downgrade() -> None:
    op.execute("truncate log.snapshot")  # they only save time
    op.execute(
        "alter table log.snapshot"
        " drop constraint snapshot_pkey,"
        " drop column revision,"
        " add primary key (stream)"
    )
