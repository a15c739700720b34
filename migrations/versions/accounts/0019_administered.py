"""What administrators see and decide; scopes of programs' tokens; when somebody last showed who he is."""

from pathlib import Path

from alembic import op

revision = "0019"
down_revision = "0018"

SQL = Path(__file__).parents[2] / "sql"

_FORMER = """
delete from auth.code where purpose = 'invitation';
alter table auth.code drop constraint code_purpose_check;
alter table auth.code add constraint code_purpose_check check (purpose in ('registration', 'password'));
alter table auth.session drop column proved_at, drop column missed;
alter table auth.bot_token drop column name, drop column scopes, drop column used_at;
drop function auth.note_search;
drop index auth.audit_action_number_idx;
drop index auth.audit_actor_number_idx;
revoke select on auth.audit from frankenjet_read;
drop index auth.account_email_key_idx;
alter table auth.account drop column has_password;
"""


def upgrade() -> None:
    op.execute((SQL / "administered.sql").read_text())


def downgrade() -> None:
    op.execute(_FORMER)
