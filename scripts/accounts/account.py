"""`frankenjet account`: who there is, what each may do, and everything that was given taken away again."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Concatenate
from uuid import UUID

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
from scripts.cli.tables import show as show_table
from write_side.accounts import sessions
from write_side.accounts.admin import rights
from write_side.accounts.admin.bot_tokens import bot_tokens

account_cli = typer.Typer(no_args_is_help=True, help="Accounts: what each may do, and its sessions.")

Whose = Annotated[str, typer.Argument(metavar="ACCOUNT", help="Its name or its id.")]
RoleName = Annotated[Role, typer.Argument(help="One of the roles; a later one includes those before it.")]
ForceOption = Annotated[bool, typer.Option("--force", help="Even if no administrator is left then.")]


@account_cli.command("list")
def list_(*, state: StateOption = None, json: JsonOption = False) -> None:
    """List all accounts."""
    everybody = on_accounts(state, accounts.every)
    if json:
        print(as_json({"accounts": [_facts(one) for one in everybody]}))
        return
    table(
        ("id", "name", "may", "made", ""),
        [(a.id, a.name, _may(a), a.created_at, _state(a)) for a in everybody],
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
    done = on_account(state, account, rights.grant, role, actor=None, reason=reason)
    _tell(state, account, json=json, changed=done)


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
    done = on_account(state, account, rights.revoke, role, actor=None, reason=reason, force=force)
    _tell(state, account, json=json, changed=done)


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
    done = on_account(state, account, rights.disable, actor=None, reason=reason, force=force)
    _tell(state, account, json=json, changed=done)


@account_cli.command()
def enable(
    account: Whose, *, reason: ReasonOption = "", state: StateOption = None, json: JsonOption = False
) -> None:
    """Let an account in again; it needs new tokens."""
    done = on_account(state, account, rights.enable, actor=None, reason=reason)
    _tell(state, account, json=json, changed=done)


@account_cli.command("sessions")
def sessions_(account: Whose, *, state: StateOption = None, json: JsonOption = False) -> None:
    """List the sessions of an account that are in force."""
    open_ = on_account(state, account, sessions.sessions_of)
    if json:
        print(as_json({"sessions": [one._asdict() for one in open_]}))
    else:
        table(("session", "client", "opened", "ends"), [tuple(one) for one in open_])


@account_cli.command("end-sessions")
def end_sessions(
    account: Whose, *, reason: ReasonOption = "", state: StateOption = None, json: JsonOption = False
) -> None:
    """End all sessions of an account; tokens of its programs go on (`token revoke`)."""
    ended = on_account(state, account, sessions.end_sessions, actor=None, reason=reason)
    print(as_json({"ended": ended}) if json else f"{ended} ended")


def on_accounts[T](state: Path | None, work: Callable[[Connection], Awaitable[T]]) -> T:
    """Do something as the owner of schema `auth`, and return what it returns."""

    async def connected(dsn: str) -> T:
        async with watched_connection(dsn, "frankenjet account", None) as connection:
            return await work(connection)

    with database(settings_for(state), owned=True) as dsn:
        return asyncio.run(connected(dsn))


def on_account[T, **P](
    state: Path | None,
    account: str,
    act: Callable[Concatenate[Connection, UUID, P], Awaitable[T]],
    *more: P.args,
    **told: P.kwargs,
) -> T:
    """Do something to the account of a name or an id, and return what it returns.

    Args:
        state: of the command line.
        account: its name or its id.
        act: called with the connection, the id of the account, and the rest.
        more: what else it is called with.
        told: by name.

    Raises:
        Problem: what `found` raises.
    """

    async def work(connection: Connection) -> T:
        return await act(connection, (await found(connection, account)).id, *more, **told)

    return on_accounts(state, work)


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


def _tell(state: Path | None, account: str, *, json: bool, changed: bool = True) -> None:
    """Show an account as it is now, and say when it was so before."""
    if not changed and not json:
        print("So it was before.")

    async def work(connection: Connection) -> tuple[Account, int, int]:
        one = await found(connection, account)
        open_ = await sessions.sessions_of(connection, one.id)
        return one, len(open_), len(await bot_tokens(connection, one.id))

    one, open_, tokens = on_accounts(state, work)
    if json:
        print(as_json(_facts(one) | {"sessions": open_, "bot_tokens": tokens}))
        return
    shut = f", {_state(one)} since {_text(one.erased_at or one.disabled_at)}" if one.disabled_at else ""
    print(f"{one.name} ({one.id}): {_may(one)}{shut}; sessions: {open_}; tokens of programs: {tokens}")


def _state(one: Account) -> str:
    return "" if one.state == "active" else one.state


def _may(one: Account) -> str:
    return ", ".join(one.roles) or "no role"


def _facts(one: Account) -> dict[str, Any]:
    return {
        "id": one.id,
        "name": one.name,
        "roles": list(one.roles),
        "created_at": one.created_at,
        "disabled_at": one.disabled_at,
        "erased_at": one.erased_at,
    }
