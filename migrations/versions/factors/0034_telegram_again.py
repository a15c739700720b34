"""A link with a user of Telegram knows by which code it was made: a bot that asks again is told the same."""

from alembic import op

revision = "0034"
down_revision = "0033"


def upgrade() -> None:
    op.execute("alter table auth.telegram add column code bytea")  # SHA-256
    op.execute("grant update (code) on auth.telegram to frankenjet_accounts")


def downgrade() -> None:
    op.execute("alter table auth.telegram drop column code")
