"""How far a slice of a rebuild has been filled: it is written piece by piece."""

from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.execute(
        "alter table project.slice"
        " add column at_stream uuid,"
        " add column at_version bigint not null default 0,"
        " add column part bigint not null default 0,"
        " add column part_digest numeric(39) not null default 0"
    )


def downgrade() -> None:
    op.execute(
        "alter table project.slice"
        " drop column at_stream, drop column at_version, drop column part, drop column part_digest"
    )
