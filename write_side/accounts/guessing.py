"""Who may try a password, so that nobody can try many and nobody can lock somebody else out.

Tries for an account are counted for each place that they come from; those from all places where nobody has
signed in to it lately are counted together. Its owner signs in from where he did before, whatever strangers
do. From a new place he waits until some of their tries are forgotten, or sets the password again by mail,
which forgets them. All of this is the same for an address that has no account.
"""

from kit.limits.catalog import GUESSES_FROM_A_PLACE, GUESSES_OF_STRANGERS
from kit.limits.limits import Limits

_KNOWN, KNOWN_SECONDS = "signed-in-here", 30 * 86_400


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
