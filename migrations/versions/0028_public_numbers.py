"""The numbers of the events that readers may know: given once, and never changed."""

from alembic import op

revision = "0028"
down_revision = "0027"

UP = """
create table project.public (
  sequence bigint primary key check (sequence > 0),
  position bigint not null unique
);
grant select, insert on project.public to frankenjet_project;
grant select on project.public to frankenjet_read;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute("drop table project.public")
