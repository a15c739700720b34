"""Pictures that people have of themselves: which file is whose; the bytes are in the storage of files."""

from alembic import op

revision = "0030"
down_revision = "0029"

TABLE = """
-- A row is there before its file is written and until it is removed, so that no file is ever forgotten.
create table auth.avatar (
  key text primary key,                           -- of the file; it tells nobody
  account uuid unique references auth.account,    -- null: of nobody yet, or of nobody any more
  type text not null,
  made_at timestamptz not null default clock_timestamp(),
  removed_at timestamptz,                         -- since when the file is to be removed
  check (account is null or removed_at is null)
);
create index on auth.avatar (made_at) where account is null;

grant select, insert, update, delete on auth.avatar to frankenjet_accounts;
grant select on auth.avatar to frankenjet_read;
"""


def upgrade() -> None:
    op.execute(TABLE)


def downgrade() -> None:
    op.execute("drop table auth.avatar")
