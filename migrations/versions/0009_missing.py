"""Which events the stream of all events lacks."""

from alembic import op

revision = "0009"
down_revision = "0008"

UP = """
create table project.missing (
  reader text not null,
  first bigint not null,
  last bigint not null,
  given_up bool not null default false,
  noticed_at timestamptz not null default clock_timestamp(),
  primary key (reader, given_up, first)
);
grant select, insert, update, delete on project.missing to frankenjet_project;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute("drop table project.missing")
