"""Tickets that sockets are opened with."""

from pathlib import Path

from alembic import op

revision = "0020"
down_revision = "0019"

SQL = Path(__file__).parents[2] / "sql"


def upgrade() -> None:
    op.execute((SQL / "socket_tickets.sql").read_text())


def downgrade() -> None:
    op.execute("drop table auth.socket_ticket")
