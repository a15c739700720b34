"""Secrets of webhooks are readable by the projector alone, which signs with them."""

from pathlib import Path

from alembic import op

revision = "0033"
down_revision = "0032"

SQL = Path(__file__).parents[1] / "sql"


def upgrade() -> None:
    op.execute((SQL / "webhook_secrets.sql").read_text())


def downgrade() -> None:
    op.execute("drop function hook.rotate(uuid, bytea, interval)")
    op.execute("grant select, update on hook.endpoint to frankenjet_accounts")
