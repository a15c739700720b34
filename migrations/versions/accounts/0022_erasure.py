"""Accounts that are erased: emptied rows, names that stay reserved, reasons that can be taken away."""

from pathlib import Path

from alembic import op

revision = "0022"
down_revision = "0021"

SQL = Path(__file__).parents[2] / "sql"

_FORMER = """
drop function auth.empty_reasons;
drop trigger only_emptied on auth.audit;
drop function auth.refuse_all_but_emptying;
drop trigger only_added_to on auth.audit;
create trigger only_added_to before update or delete or truncate on auth.audit
  for each statement execute function auth.refuse_change();
alter table auth.audit drop column event;
revoke select on auth.secret from frankenjet_accounts;
delete from auth.secret where name = 'names';
drop table auth.reserved_name;
revoke delete on auth.session, auth.bot_token from frankenjet_accounts;
alter table auth.account drop constraint erased_is_empty;
update auth.account set name = 'Deleted ' || id, name_key = 'deleted ' || id where erased_at is not null;
alter table auth.account
  drop column erased_at, alter column name set not null, alter column name_key set not null;
"""
"""Anyone who was erased stays so, under a name that says it."""


def upgrade() -> None:
    op.execute((SQL / "erasure.sql").read_text())


def downgrade() -> None:
    op.execute(_FORMER)
