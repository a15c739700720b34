"""Codes that change an e-mail address, and that take it back."""

from alembic import op

revision = "0021"
down_revision = "0020"

PURPOSES = """
alter table auth.code drop constraint code_purpose_check,
  add constraint code_purpose_check check (purpose in ({}))"""


def upgrade() -> None:
    op.execute(PURPOSES.format("'registration', 'password', 'invitation', 'email', 'email-undo'"))


def downgrade() -> None:
    op.execute("delete from auth.code where purpose in ('email', 'email-undo')")
    op.execute(PURPOSES.format("'registration', 'password', 'invitation'"))
