"""Users of Telegram for whom the bot may act, and the scope of the bot's own token."""

from pathlib import Path

from alembic import op

revision = "0029"
down_revision = "0028"

SQL = Path(__file__).parents[2] / "sql"


def upgrade() -> None:
    op.execute((SQL / "telegram.sql").read_text())


def downgrade() -> None:
    op.execute("drop table auth.telegram")
    op.execute("delete from auth.code where purpose = 'telegram'")
    op.execute("update auth.bot_token set scopes = array_remove(scopes, 'telegram')")
    op.execute(
        "alter table auth.code drop constraint code_purpose_check, add constraint code_purpose_check"
        " check (purpose in ('registration', 'password', 'invitation', 'email', 'email-undo'))"
    )
    op.execute(
        "alter table auth.bot_token drop constraint bot_token_scopes_check,"
        " add constraint bot_token_scopes_check"
        " check (scopes <@ '{read,draft,submit,publish,moderate,stream}')"
    )
