"""`frankenjet token`: a token for a person at a terminal or for a bot; `list` and `revoke` those of bots."""

import asyncio
from datetime import timedelta
from typing import Annotated

import typer

from kit import clock
from kit.auth.roles import Scope
from kit.ids import parse_id
from kit.postgres.connect import Connection
from scripts.accounts.issuing import token_for
from scripts.cli.database import database
from scripts.cli.options import JsonOption, ReasonOption, StateOption, settings_for
from scripts.cli.streams import as_json, complain
from write_side.accounts.admin.bot_tokens import USUAL, BotToken, bot_tokens, revoke_bot_token

token_cli = typer.Typer(
    invoke_without_command=True, help="A token for a person at a terminal or for a bot; `list`, `revoke`."
)


@token_cli.callback()
def issue(
    context: typer.Context,
    account: Annotated[str, typer.Option(help="Name of the account; made when it is new.")] = "",
    role: Annotated[
        str, typer.Option(help="reader, editor, moderator or admin; left out: what it has.")
    ] = "",
    for_: Annotated[
        str, typer.Option("--for", help="How long it is valid, such as 15m; else 12h, and 90d for a bot.")
    ] = "",
    *,
    grant: Annotated[
        bool, typer.Option("--grant", help="Make this the role of an existing account.")
    ] = False,
    bot: Annotated[bool, typer.Option("--bot", help="Make an opaque token for a program.")] = False,
    scope: Annotated[
        list[Scope] | None,
        typer.Option(
            "--scope", help="What a program may use it for; may be repeated; left out: for all but telegram."
        ),
    ] = None,
    reason: ReasonOption = "",
    state: StateOption = None,
    json: JsonOption = False,
) -> None:
    """Print a token for a person at a terminal, or for a bot."""
    if context.invoked_subcommand is not None:
        return
    if scope and not bot:
        raise typer.BadParameter("a scope is of a program's token: --bot")
    if not account:
        raise typer.BadParameter("whose? --account NAME")
    settings = settings_for(state)
    with database(settings, owned=True) as dsn:
        made = asyncio.run(
            token_for(
                settings, dsn, account, role, for_, grant=grant, bot=bot, reason=reason, scopes=scope or ()
            )
        )
    if bot and (days := round((made.expires - clock.now()) / timedelta(days=1))) > USUAL.days:
        complain(
            f"frankenjet: this token is good for {days} days; {USUAL.days} is usual. `token list` shows it"
        )
    facts = {
        "token": made.token,
        "account": made.account,
        "roles": sorted(made.roles),
        "expires_at": made.expires,
    }
    print(as_json(facts) if json else made.token)


@token_cli.command("list")
def list_(
    account: Annotated[str, typer.Option(help="Of this one alone: name or id.")] = "",
    *,
    state: StateOption = None,
    json: JsonOption = False,
) -> None:
    """List the tokens of programs that are in force."""
    from scripts.accounts.account import found, on_accounts, table

    async def work(connection: Connection) -> list[BotToken]:
        return await bot_tokens(connection, (await found(connection, account)).id if account else None)

    tokens = on_accounts(state, work)
    if json:
        print(as_json({"tokens": [one._asdict() for one in tokens]}))
    else:
        rows = [
            (t.id, t.name, t.label, ", ".join(t.scopes), t.made_at, t.expires_at, t.used_at or "never")
            for t in tokens
        ]
        table(("token", "account", "name", "may", "made", "ends", "used"), rows)


@token_cli.command()
def revoke(
    tokens: Annotated[list[str], typer.Argument(metavar="TOKEN...", help="Ids, as `token list` shows them.")],
    *,
    reason: ReasonOption = "",
    state: StateOption = None,
    json: JsonOption = False,
) -> None:
    """Revoke tokens of programs; they stop working within a second. Ends with 1 when one was not in force."""
    from scripts.accounts.account import on_accounts

    ids = [parse_id(text) for text in tokens]
    if None in ids:
        raise typer.BadParameter("a token is named by its id, as `frankenjet token list` shows it.")

    async def work(connection: Connection) -> list[bool]:
        return [await revoke_bot_token(connection, one, actor=None, reason=reason) for one in ids if one]

    done = on_accounts(state, work)
    if json:
        print(as_json({"revoked": dict(zip(tokens, done, strict=True))}))
    else:
        for text, was in zip(tokens, done, strict=True):
            print(f"{text}: {'revoked' if was else 'was not in force'}")
    raise typer.Exit(0 if all(done) else 1)
