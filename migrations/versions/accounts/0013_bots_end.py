"""Every token of a program has an end: those that had none end in 90 days."""

from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.execute(
        "update auth.bot_token set expires_at = clock_timestamp() + '90 days' where expires_at is null"
    )
    op.execute("alter table auth.bot_token alter column expires_at set not null")


def downgrade() -> None:
    op.execute("alter table auth.bot_token alter column expires_at drop not null")
