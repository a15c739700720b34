"""Secrets that the reading processes of a log share and nobody is told: the key of the cursors of lists."""

from alembic import op

revision = "0008"
down_revision = "0007"

MAKE = """
create table auth.secret (
  name text primary key,
  value bytea not null check (length(value) >= 32),
  made_at timestamptz not null default clock_timestamp()
);
insert into auth.secret (name, value)
values ('cursors', sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())));
grant select on auth.secret to frankenjet_read;
"""
"""Two random UUIDs are 244 bits from the server's source of strong random numbers."""


def upgrade() -> None:
    op.execute(MAKE)


def downgrade() -> None:
    op.execute("drop table auth.secret")
