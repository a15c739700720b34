"""Pictures of which no variants could be made yet, and when that is tried again."""

from alembic import op

revision = "0032"
down_revision = "0031"

UP = """
create table project.late_variants (
  picture uuid primary key,
  since timestamptz not null default clock_timestamp(),
  tries integer not null default 1,
  next_at timestamptz not null,
  reason text not null
);
create index on project.late_variants (next_at);
grant select, insert, update, delete on project.late_variants to frankenjet_project;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute("drop table project.late_variants")
