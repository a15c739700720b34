"""Accounts for those who wrote what is imported: made for the purpose, never matched by name or address."""

import hashlib
from collections.abc import Iterator
from uuid import UUID

from kit.auth.names import MAX_NAME, name_key
from kit.errors import Problem
from kit.ids import new_id
from kit.text import composed
from write_side.importing.record import Author
from write_side.log.streams import Streams

_AUTHOR = "select auth.author($1, $2, $3, $4, $5, $6)"

NOBODY = "Unknown author"
ATTEMPTS = 1_000
"""Numbers that are tried behind a name which other accounts have."""

KNOWN = 10_000
"""Authors that are remembered."""


class Authors:
    """Finds the account of each author of one source, and makes those that are missing.

    Args:
        asks: connections of the writer.
        source: the source.
        actor: who imports; None: the operator.
    """

    def __init__(self, asks: Streams, source: UUID, actor: UUID | None) -> None:
        self._asks = asks
        self._source = source
        self._actor = actor
        self._known: dict[Author, UUID] = {}

    async def account(self, author: Author) -> UUID:
        """Return the account of an author; raises Problem 503 when the database is away."""
        found = self._known.get(author)
        if found is None:
            if len(self._known) >= KNOWN:
                self._known.clear()
            found = self._known[author] = await self._made(author)
        return found

    async def _made(self, author: Author) -> UUID:
        length = f"{len(author.name)}\x00".encode()
        said = f"{author.name}\x00{author.key}".encode(errors="surrogateescape")
        key = hashlib.sha256(length + said).digest()
        new = new_id()
        for shown in _names(_clean(author.name), new):
            made: UUID | None = await self._asks.ask(
                "fetchval", _AUTHOR, self._source, key, new, shown, name_key(shown), self._actor
            )
            if made is not None:
                return made
        raise LookupError("an account named by its own id was there already")


def _names(name: str, account: UUID) -> Iterator[str]:
    """Yield what an account may be called, until one is free."""
    yield name
    for number in range(2, ATTEMPTS):
        yield f"{name[: MAX_NAME - 7].strip()} ({number})"
    yield f"{NOBODY} {account}"


def _clean(name: str) -> str:
    """Return a name as an account may have it."""
    shown = "".join(sign if sign.isprintable() else " " for sign in name)
    short = composed(" ".join(composed(shown).split())[:MAX_NAME].strip())
    try:
        name_key(short)
    except Problem:
        return NOBODY
    return short
