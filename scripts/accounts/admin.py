"""`frankenjet admin create`: the first administrator, who opens his account with a code that works once."""

from typing import Annotated

import typer

from kit import clock
from kit.postgres.connect import Connection
from scripts.accounts.account import on_accounts
from scripts.cli.options import JsonOption, ReasonOption, StateOption, settings_for
from scripts.cli.streams import as_json
from write_side.accounts.invitations.making import FIRST_LIVES, invite_administrator

admin_cli = typer.Typer(no_args_is_help=True, help="The first administrator.")


@admin_cli.callback()
def admin() -> None:
    """Make the first administrator."""


@admin_cli.command()
def create(
    *,
    reason: ReasonOption = "",
    force: Annotated[bool, typer.Option("--force", help="Even if there is an administrator.")] = False,
    state: StateOption = None,
    json: JsonOption = False,
) -> None:
    """Print a link that makes anyone who opens an account with it an administrator: once, within a day.

    It works no matter who else may open an account. A former link that was not used ends.
    """

    async def work(connection: Connection) -> str:
        async with connection.transaction():
            return await invite_administrator(
                connection, reason=reason or "frankenjet admin create", force=force
            )

    site, code, ends = settings_for(state).site_url, on_accounts(state, work), clock.now() + FIRST_LIVES
    link = f"{site}/register#invitation={code}"
    print(as_json({"link": link, "code": code, "expires_at": ends}) if json else f"{link}\n{code}")
