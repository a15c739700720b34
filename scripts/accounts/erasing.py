"""`frankenjet account erase`, `erase-again` and `erased`: who is forgotten, and that he stays so."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from kit.auth.passwords import derived
from kit.errors import Refused
from kit.postgres.connect import Connection
from scripts.accounts.account import ForceOption, Whose, account_cli, found, on_accounts
from scripts.accounts.settings import erased_file, forgetting
from scripts.cli.options import JsonOption, StateOption, settings_for
from scripts.cli.streams import as_json
from write_side.accounts.erasure import listed
from write_side.accounts.erasure.erasing import Erasure, erase


class WhyErased(StrEnum):
    """Why somebody is erased: a word, since a sentence would be about the person."""

    ASKED = "asked"
    LAW = "law"
    ABUSE = "abuse"


@account_cli.command("erase")
def erase_(
    account: Whose,
    *,
    reason: Annotated[WhyErased, typer.Option(help="Why; kept in the audit.")] = WhyErased.ASKED,
    force: ForceOption = False,
    state: StateOption = None,
    json: JsonOption = False,
) -> None:
    """Erase an account: name, address, sessions, everything but what was written. It cannot be undone."""
    settings = settings_for(state)

    async def work(connection: Connection) -> UUID:
        id_ = (await found(connection, account)).id
        wanted = Erasure(id_, None, reason.value, force=force)
        await forgetting(settings)(await erase(_transactions(connection), _derive, wanted))
        path = erased_file(settings)
        if path is not None:
            await asyncio.to_thread(listed.add, path, [id_])
        return id_

    id_ = on_accounts(state, work)
    print(as_json({"erased": [id_]}) if json else f"{id_} is erased")


@account_cli.command("erased")
def erased(*, state: StateOption = None, json: JsonOption = False) -> None:
    """List the ids of the accounts that were erased: keep them where no backup of the database is."""
    ids = on_accounts(state, listed.erased)
    print(as_json({"erased": ids}) if json else "\n".join(map(str, ids)))


@account_cli.command("erase-again")
def erase_again(
    file: Annotated[
        Path | None,
        typer.Argument(help="List of ids; else FRANKENJET_ERASED_FILE, or `erased` of the state folder."),
    ] = None,
    *,
    state: StateOption = None,
    json: JsonOption = False,
) -> None:
    """Erase once more who is in a list of erased accounts: after a restore, before anything is served."""
    path = file or erased_file(settings_for(state))
    if path is None:
        raise Refused(["there is no list of erased accounts: name one"])
    ids = listed.read(path)

    async def work(connection: Connection) -> list[UUID]:
        return await listed.erase_again(_transactions(connection), _derive, ids)

    again = on_accounts(state, work)
    print(as_json({"erased": again}) if json else f"{len(again)} of {len(ids)} were there, and are erased")


def _transactions(connection: Connection) -> Callable[[], AbstractAsyncContextManager[Connection]]:
    @asynccontextmanager
    async def transaction() -> AsyncIterator[Connection]:
        async with connection.transaction():
            yield connection

    return transaction


async def _derive(text: str, salt: bytes) -> bytes:
    return await asyncio.to_thread(derived, text, salt)
