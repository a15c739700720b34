"""Tokens of programs know whether a second factor was shown when they were made; those of before do not."""

from alembic import op

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    op.execute("alter table auth.bot_token add column strong boolean not null default false")
    op.execute("alter table auth.bot_token alter column strong drop default")


def downgrade() -> None:
    op.execute("alter table auth.bot_token drop column strong")
