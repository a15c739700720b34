"""Addresses, passwords, codes, sessions that are renewed, and mail."""

from pathlib import Path

from alembic import op

revision = "0017"
down_revision = "0016"

SQL = Path(__file__).parents[2] / "sql"

_FORMER = """
revoke select on auth.account, auth.session from frankenjet_read, frankenjet_write;
grant select on auth.account, auth.session to frankenjet_read, frankenjet_write;
drop table auth.mail;
drop table auth.refresh;
drop table auth.code;
alter table auth.session drop column secret, drop column ends_at, drop column seen_at, drop column agent;
alter table auth.account drop column email, drop column email_key, drop column password, drop column locale;
revoke all on all tables in schema auth from frankenjet_accounts;
revoke usage on schema auth from frankenjet_accounts;
"""


def upgrade() -> None:
    op.execute((SQL / "sign_in.sql").read_text())


def downgrade() -> None:
    op.execute(_FORMER)
