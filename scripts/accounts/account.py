"""`frankenjet account`: who there is, what each may do, and everything that was given taken away again."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from kit.auth.roles import Role
from kit.errors import Problem
from kit.ids import parse_id
from kit.postgres.connect import Connection
from kit.postgres.server_watch import watched_connection
from kit.problem_types import NOT_FOUND
from read_side.accounts import accounts
from read_side.accounts.accounts import Account
from scripts.cli.database import database
from scripts.cli.options import JsonOption, ReasonOption, StateOption, settings_for
from scripts.cli.streams import as_json
from scripts.cli.streams import show as show_table
from write_side.accounts import rights, sessions
from write_side.accounts.bot_tokens import bot_tokens

account_cli = typer.Typer(no_args_is_help=True, help="Accounts: what each may do, and its sessions.")

Whose = Annotated[str, typer.Argument(metavar="ACCOUNT", help="Its name or its id.")]
RoleName = Annotated[Role, typer.Argument(help="One of the roles; a later one includes those before it.")]
ForceOption = Annotated[bool, typer.Option("--force", help="Even if no administrator is left then.")]

type Act = Callable[[Connection, Account], Awaitable[bool]]


@account_cli.command("list")
def list_(*, state: StateOption = None, json: JsonOption = False) -> None:
    """List all accounts."""
    everybody = on_accounts(state, accounts.every)
    if json:
        print(as_json({"accounts": [_facts(one) for one in everybody]}))
        return
    table(
        ("id", "name", "may", "made", ""),
        [(a.id, a.name, _may(a), a.created_at, "disabled" if a.disabled_at else "") for a in everybody],
    )


@account_cli.command()
def show(account: Whose, *, state: StateOption = None, json: JsonOption = False) -> None:
    """Show an account: its roles, its sessions, the tokens of its programs."""
    _tell(state, account, json=json)


@account_cli.command()
def grant(
    account: Whose,
    role: RoleName,
    *,
    reason: ReasonOption = "",
    state: StateOption = None,
    json: JsonOption = False,
) -> None:
    """Give a role in addition."""
    _act(state, account, lambda c, a: rights.grant(c, a.id, role, actor=None, reason=reason), json=json)


@account_cli.command()
def revoke(
    account: Whose,
    role: RoleName,
    *,
    reason: ReasonOption = "",
    force: ForceOption = False,
    state: StateOption = None,
    json: JsonOption = False,
) -> None:
    """Take a role."""
    _act(
        state,
        account,
        lambda c, a: rights.revoke(c, a.id, role, actor=None, reason=reason, force=force),
        json=json,
    )


@account_cli.command()
def disable(
    account: Whose,
    *,
    reason: ReasonOption = "",
    force: ForceOption = False,
    state: StateOption = None,
    json: JsonOption = False,
) -> None:
    """Shut an account out, and end its sessions and the tokens of its programs."""
    _act(
        state,
        account,
        lambda c, a: rights.disable(c, a.id, actor=None, reason=reason, force=force),
        json=json,
    )


@account_cli.command()
def enable(
    account: Whose, *, reason: ReasonOption = "", state: StateOption = None, json: JsonOption = False
) -> None:
    """Let an account in again; it needs new tokens."""
    _act(state, account, lambda c, a: rights.enable(c, a.id, actor=None, reason=reason), json=json)


@account_cli.command("sessions")
def sessions_(account: Whose, *, state: StateOption = None, json: JsonOption = False) -> None:
    """List the sessions of an account that are in force."""

    async def work(connection: Connection) -> list[sessions.Session]:
        return await sessions.sessions_of(connection, (await found(connection, account)).id)

    open_ = on_accounts(state, work)
    if json:
        print(as_json({"sessions": [one._asdict() for one in open_]}))
    else:
        table(("session", "client", "opened", "ends"), [tuple(one) for one in open_])


@account_cli.command("end-sessions")
def end_sessions(
    account: Whose, *, reason: ReasonOption = "", state: StateOption = None, json: JsonOption = False
) -> None:
    """End all sessions of an account; tokens of its programs go on (`token revoke`)."""

    async def work(connection: Connection) -> int:
        whose = await found(connection, account)
        return await sessions.end_sessions(connection, whose.id, actor=None, reason=reason)

    ended = on_accounts(state, work)
    print(as_json({"ended": ended}) if json else f"{ended} ended")


def on_accounts[T](state: Path | None, work: Callable[[Connection], Awaitable[T]]) -> T:
    """Do something as the owner of schema `auth`, and return what it returns."""

    async def connected(dsn: str) -> T:
        async with watched_connection(dsn, "frankenjet account", None) as connection:
            return await work(connection)

    with database(settings_for(state), owned=True) as dsn:
        return asyncio.run(connected(dsn))


async def found(connection: Connection, account: str) -> Account:
    """Return the account of a name or an id.

    Raises:
        Problem: 404 when there is none, 422 when it can be neither.
    """
    id_ = parse_id(account)
    known = (
        await accounts.by_name(connection, account) if id_ is None else await accounts.by_id(connection, id_)
    )
    if known is None:
        raise Problem(NOT_FOUND, "There is no such account.")
    return known


def table(head: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Print rows in columns; a moment is cut to its seconds."""
    shown = Table(*head, box=None)
    for row in rows:
        shown.add_row(*(Text(_text(cell)) for cell in row))
    show_table(shown)


def _text(cell: Any) -> str:
    return f"{cell:%Y-%m-%d %H:%M:%SZ}" if isinstance(cell, datetime) else str(cell)


def _act(state: Path | None, account: str, act: Act, *, json: bool) -> None:
    """Do something to an account, and show it as it is then; what was so before is said."""

    async def work(connection: Connection) -> bool:
        return await act(connection, await found(connection, account))

    if not on_accounts(state, work) and not json:
        print("So it was before.")
    _tell(state, account, json=json)


def _tell(state: Path | None, account: str, *, json: bool) -> None:
    async def work(connection: Connection) -> tuple[Account, int, int]:
        one = await found(connection, account)
        open_ = await sessions.sessions_of(connection, one.id)
        return one, len(open_), len(await bot_tokens(connection, one.id))

    one, open_, tokens = on_accounts(state, work)
    if json:
        print(as_json(_facts(one) | {"sessions": open_, "bot_tokens": tokens}))
        return
    shut = f", disabled since {_text(one.disabled_at)}" if one.disabled_at else ""
    print(f"{one.name} ({one.id}): {_may(one)}{shut}; sessions: {open_}; tokens of programs: {tokens}")


def _may(one: Account) -> str:
    return ", ".join(one.roles) or "no role"


def _facts(one: Account) -> dict[str, Any]:
    return {
        "id": one.id,
        "name": one.name,
        "roles": list(one.roles),
        "created_at": one.created_at,
        "disabled_at": one.disabled_at,
    }
