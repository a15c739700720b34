"""Who may try a password, so that nobody can try many and nobody can lock somebody else out.

Tries for an account are counted for each place that they come from; those from all places where nobody has
signed in to it lately are counted together. Its owner signs in from where he did before, whatever strangers
do. From a new place he waits until some of their tries are forgotten, or sets the password again by mail,
which forgets them. All of this is the same for an address that has no account.
"""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, suppress
from uuid import UUID

from kit.errors import Problem
from kit.limits.catalog import GUESSES_FROM_A_PLACE, GUESSES_OF_STRANGERS
from kit.limits.limits import Limits
from kit.postgres.connect import Connection
from write_side.accounts.audit import note

_KNOWN, KNOWN_SECONDS = "signed-in-here", 30 * 86_400

NOTED_AFTER = 1.0
"""Seconds after which wrong guesses stand in the audit."""


async def may_try(limits: Limits, mail: str, place: str) -> bool:
    """Count one more try; return whether it is one of a stranger.

    Args:
        limits: of this process.
        mail: the address of the account, as addresses are compared.
        place: that of the client.

    Raises:
        Problem: 429, there were too many; 503, nobody knows how many.
    """
    here = f"{mail} {place}"
    await limits.count(GUESSES_FROM_A_PLACE, {"place": here})
    strange = not await limits.is_marked(_KNOWN, here)
    if strange:
        await limits.count(GUESSES_OF_STRANGERS, {"mail": mail, "all": ""})
    return strange


async def has_shown(limits: Limits, mail: str, place: str, *, strange: bool = False) -> None:
    """Remember that the owner of an account was here, and forget the tries from here.

    Args:
        limits: of this process.
        mail: the address of the account.
        place: the address of the client.
        strange: what `may_try` returned; his own try is none of a stranger. Were it counted, others would
            learn from how few are left to them that somebody signs in to this account.
    """
    here = f"{mail} {place}"
    if strange:
        await limits.give_back(GUESSES_OF_STRANGERS, {"mail": mail})
    await limits.mark(_KNOWN, here, KNOWN_SECONDS)
    await limits.forget(GUESSES_FROM_A_PLACE, "place", here)


async def begin_again(limits: Limits, mail: str, place: str) -> None:
    """Forget all tries for an account, whose owner has read his mail here."""
    await has_shown(limits, mail, place)
    await limits.forget(GUESSES_OF_STRANGERS, "mail", mail)


class WrongGuesses:
    """Wrong guesses for accounts that are there, noted in the audit a little later and together.

    Noted beside its own answer, a guess would slow down that answer or the next one, and their times would
    tell a stranger that there is such an account.

    Args:
        transaction: lends a connection in a transaction.
    """

    def __init__(self, transaction: Callable[[], AbstractAsyncContextManager[Connection]]) -> None:
        self._transaction = transaction
        self._accounts: list[UUID] = []
        self._some = asyncio.Event()

    def add(self, account: UUID) -> None:
        """Let one more be noted."""
        self._accounts.append(account)
        self._some.set()

    async def keep_noting(self) -> None:
        """Note them once a second, and what is left at the end."""
        while True:
            await self._some.wait()
            try:
                await asyncio.sleep(NOTED_AFTER)
            finally:
                await self._note()

    async def _note(self) -> None:
        accounts, self._accounts = self._accounts, []
        self._some.clear()
        with suppress(Problem):  # a database that is away hears of no guess; it refuses all of them, too
            async with self._transaction() as connection:
                for account in accounts:
                    await note(connection, "sign-in.refused", account, actor=None)
