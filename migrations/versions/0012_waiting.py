"""What a reader of the log waits for, when it leads and can do nothing: no broker, or one that is away."""

from alembic import op

revision = "0012"
down_revision = "0011"

UP = """
create table project.waiting (
  reader text primary key,
  reason text not null,
  since timestamptz not null default clock_timestamp()
);
grant select, insert, update, delete on project.waiting to frankenjet_project;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute("drop table project.waiting")
