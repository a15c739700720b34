"""Erasing an account: oneself, or as an administrator somebody else."""

import asyncio
from uuid import UUID

from kit.auth.roles import Identity
from kit.errors import Problem
from write_side.accounts.erasure.erasing import Erasure, Why, erase
from write_side.accounts.problem_types import OWN_RIGHTS
from write_side.accounts.work import AccountWork

SENT_SECONDS = 30.0
"""Seconds after which no mail is under way any more that was taken to be sent before its row went."""


async def erase_oneself(work: AccountWork, who: Identity) -> None:
    """Erase the account of the one who asks, who has shown lately that it is his.

    Raises:
        Problem: 404, somebody was faster; 409, he is the last administrator; 503.
    """
    await _erased(work, Erasure(who.account, who.account, "asked", who.client))


async def erase_other(work: AccountWork, who: Identity, account: UUID, *, why: Why) -> None:
    """Erase an account, as an administrator; his own he erases as everybody does.

    Raises:
        Problem: 403 when he is none, or means himself; 404 without such an account, 503.
    """
    if account == who.account:
        raise Problem(OWN_RIGHTS)
    await _erased(work, Erasure(account, who.account, why, who.client))


async def _erased(work: AccountWork, wanted: Erasure) -> None:
    addresses = await erase(work.transaction, work.passwords.derive, wanted)
    work.erased.set()
    work.avatars_left.set()
    await work.settings.forget_mail(addresses)

    async def once_more() -> None:
        await asyncio.sleep(SENT_SECONDS)
        await work.settings.forget_mail(addresses)

    work.meanwhile(once_more())
