"""Invitations: who invited whom to what, and what became of it; and what is over is found by an index."""

from pathlib import Path

from alembic import op

revision = "0026"
down_revision = "0025"

SQL = Path(__file__).parents[2] / "sql"


def upgrade() -> None:
    op.execute((SQL / "invitation.sql").read_text())


def downgrade() -> None:
    held = "auth.attempt, auth.challenge, auth.socket_ticket"
    op.execute(f"revoke update (expires_at) on {held} from frankenjet_accounts")
    op.execute("drop index auth.mail_made_at_idx; drop index auth.socket_ticket_expires_at_idx")
    op.execute("drop index auth.session_least_idx; drop index auth.session_least_idx1")
    op.execute("drop table auth.invitation")
