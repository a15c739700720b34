"""Passwords: which are taken, and their hashes, made on a few threads of their own."""

import asyncio
import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import Type, hash_secret_raw

from kit.errors import Problem
from kit.problem_types import TOO_MANY_PASSWORDS

SHORTEST = 12
"""Characters."""

LONGEST = 1024
"""Bytes."""


class Cost(NamedTuple):
    """How much work Argon2id is."""

    memory_kib: int = 19_456
    passes: int = 2
    lanes: int = 1


OWASP = Cost()
"""19 MiB and two passes, which OWASP names as the least; some 35 ms of one core."""

OF_TEXTS = Cost(memory_kib=19_456, passes=2)
"""Of a slow hash of a text: it stays as it is when passwords get dearer, since a hash that is looked for must
not change."""

AT_ONCE = 2
WAITING = 32
"""Hashes that are made at the same time, and that wait: the last one waits for about half a second."""

DIFFERENT = 4
"""Characters that are not the same."""

_BETWEEN = re.compile(r"[\W_]+")
_AROUND = re.compile(r"^[\W\d_]+|[\W\d_]+$")
_LETTERS_FOR = str.maketrans("013457@$!", "oleastasi")
_COUNTED = ("0123456789" * (LONGEST // 10), "9876543210" * (LONGEST // 10))
_COMMON = Path(__file__).with_name("common_passwords.txt")


class Passwords:
    """Makes and compares hashes; what the threads cannot take is refused, and nothing else waits for them.

    Args:
        cost: of each hash; less is for tests alone, and no setting leads here. Then slow hashes of texts cost
            as little.
    """

    def __init__(self, cost: Cost = OWASP) -> None:
        self._of_texts = OF_TEXTS if cost == OWASP else cost
        self._hasher = PasswordHasher(cost.passes, cost.memory_kib, cost.lanes)
        self._threads = ThreadPoolExecutor(AT_ONCE, "passwords")
        self._taken = 0
        self._nobodys: str | None = None

    async def hash(self, password: str) -> str:
        """Return an Argon2id hash in its usual text form, with a salt of its own.

        Raises:
            Problem: 503, too many wait.
        """
        return await self._beside(lambda: self._hasher.hash(password))

    async def fits(self, password: str, stored: str | None) -> bool:
        """Tell whether a password is that of a hash; without a hash it takes as long, and is never.

        Raises:
            Problem: 503, too many wait.
        """
        if self._nobodys is None:
            self._nobodys = await self.hash("nobody's")
        against = stored or self._nobodys
        return await self._beside(lambda: self._compared(password, against)) and stored is not None

    async def derive(self, text: str, salt: bytes) -> bytes:
        """Return the slow hash of a text with a salt: 32 bytes, the same each time.

        Raises:
            Problem: 503, too many wait.
        """
        return await self._beside(lambda: derived(text, salt, self._of_texts))

    def outdated(self, stored: str) -> bool:
        """Tell whether a hash is weaker than those that are made now."""
        return self._hasher.check_needs_rehash(stored)

    def close(self) -> None:
        """End the threads; what has not begun is not done."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _compared(self, password: str, stored: str) -> bool:
        try:
            return self._hasher.verify(stored, password)
        except (VerificationError, InvalidHashError):
            return False

    async def _beside[T](self, work: Callable[[], T]) -> T:
        if self._taken >= AT_ONCE + WAITING:
            raise Problem(TOO_MANY_PASSWORDS, headers={"Retry-After": "1"})
        self._taken += 1
        running = asyncio.get_running_loop().run_in_executor(self._threads, work)
        running.add_done_callback(self._done)
        return await asyncio.shield(running)

    def _done(self, running: "asyncio.Future[Any]") -> None:
        self._taken -= 1
        if not running.cancelled():
            running.exception()  # anyone who asked has it, unless he has gone


def derived(text: str, salt: bytes, cost: Cost = OF_TEXTS) -> bytes:
    """Return the slow hash of a text with a salt: 32 bytes, the same each time, for as long as it is kept."""
    memory, passes, lanes = cost
    return hash_secret_raw(
        text.encode(),
        salt,
        time_cost=passes,
        memory_cost=memory,
        parallelism=lanes,
        hash_len=32,
        type=Type.ID,
    )


def check_password(password: str, known: Iterable[str] = ()) -> None:
    """Refuse a password that is short, or among the first that somebody would try.

    Its characters are taken as they are: all count, none is needed.

    Args:
        password: as it came.
        known: what anybody knows of its owner: his name, his address.

    Raises:
        ValueError: in words that say nothing of it.
    """
    if len(password) < SHORTEST:
        raise ValueError(f"must have at least {SHORTEST} characters")
    if len(password.encode(errors="surrogatepass")) > LONGEST:
        raise ValueError(f"must have at most {LONGEST:,} bytes")
    folded = _folded(password)
    if len(set(folded)) < DIFFERENT:
        raise ValueError(f"must have at least {DIFFERENT} different characters")
    common = _common()
    if folded in common or any(folded in row for row in _COUNTED) or _is_made_of(folded, common):
        raise ValueError("is among the first that somebody would try")
    if _is_made_of(folded, {part for one in known for part in _parts(_folded(one))}):
        raise ValueError("must be more than your name or your address")


def _is_made_of(folded: str, words: Collection[str]) -> bool:
    """Tell whether all letters are those of one word, once or repeated; figures and signs around it are easy.

    So are the figures and signs that are often written for letters.
    """
    for spelling in (folded, _AROUND.sub("", folded).translate(_LETTERS_FOR)):
        letters = "".join(filter(str.isalpha, spelling))
        for length in range(1, len(letters) + 1):
            repeated, rest = divmod(len(letters), length)
            if not rest and letters[:length] in words and letters == letters[:length] * repeated:
                return True
    return False


def _parts(name: str) -> Iterator[str]:
    """Yield the words of a name or an address, and all before the sign @ as one word."""
    yield from filter(None, _BETWEEN.split(name))
    yield "".join(filter(str.isalpha, name.partition("@")[0]))


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


@cache
def _common() -> frozenset[str]:
    """Return the commonest passwords of public counts, folded."""
    return frozenset(_COMMON.read_text("utf-8").splitlines())
