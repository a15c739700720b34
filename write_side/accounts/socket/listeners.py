"""Who listens in this process: bounded for each account and in all; nobody waits for who does not read."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Literal, NamedTuple
from uuid import UUID

from kit.errors import Problem
from write_side.accounts.problem_types import TOO_MANY_LISTENERS

PER_ACCOUNT = 10
IN_ALL = 10_000
"""Of this process; the edge bounds those of an address."""

WAITING = 16
"""Messages that wait for one listener; who is further behind is cut."""

ALIVE_SECONDS = 20.0
"""Time after which a listener hears that nothing happened."""

type EventName = Literal["alive", "session-ended", "submission-returned", "import-ended", "ask-again"]


class Notice(NamedTuple):
    """What a listener is told."""

    event: EventName
    facts: Mapping[str, str]
    last: bool = False
    """Nothing comes after it."""


ALIVE = Notice("alive", {})
ASK_AGAIN = Notice("ask-again", {}, last=True)
"""It is behind, or nobody can tell whether its session goes on: it has to look for itself, and come again."""


class Listener:
    """A client that listens."""

    __slots__ = ("_waiting", "account", "behind", "session")

    def __init__(self, account: UUID, session: UUID) -> None:
        self.account = account
        self.session = session
        self.behind = False
        self._waiting: asyncio.Queue[Notice] = asyncio.Queue(WAITING)

    def tell(self, message: Notice) -> None:
        """Let it hear something; one that is too far behind hears only that."""
        try:
            self._waiting.put_nowait(message)
        except asyncio.QueueFull:
            self.behind = True

    async def next(self) -> Notice:
        """Return what it hears next: within some seconds that it is alive."""
        if self.behind:
            return ASK_AGAIN
        try:
            async with asyncio.timeout(ALIVE_SECONDS):
                return await self._waiting.get()
        except TimeoutError:
            return ALIVE


class Listeners:
    """All that listen in this process."""

    def __init__(self, per_account: int = PER_ACCOUNT, in_all: int = IN_ALL) -> None:
        self.some = asyncio.Event()
        """There is one."""
        self._per_account = per_account
        self._in_all = in_all
        self._count = 0
        self._of_account: defaultdict[UUID, set[Listener]] = defaultdict(set)

    @contextmanager
    def listening(self, account: UUID, session: UUID) -> Iterator[Listener]:
        """Let a client listen while the block lasts.

        Raises:
            Problem: 429, the account or this process has too many.
        """
        if self._count >= self._in_all or len(self._of_account.get(account, ())) >= self._per_account:
            raise Problem(TOO_MANY_LISTENERS, "Close one that is not used.", headers={"Retry-After": "5"})
        listener = Listener(account, session)
        self._of_account[account].add(listener)
        self._count += 1
        self.some.set()
        try:
            yield listener
        finally:
            self._count -= 1
            self._of_account[account].discard(listener)
            if not self._of_account[account]:
                del self._of_account[account]
            if not self._count:
                self.some.clear()

    @property
    def accounts(self) -> list[UUID]:
        """Whose clients listen."""
        return list(self._of_account)

    @property
    def sessions(self) -> tuple[list[UUID], list[UUID]]:
        """The sessions that they have, and the accounts of those."""
        found = {one.session: one.account for listeners in self._of_account.values() for one in listeners}
        return list(found), list(found.values())

    def tell(self, account: UUID, message: Notice) -> None:
        """Tell all clients of an account something."""
        for one in self._of_account.get(account, ()):
            one.tell(message)

    def end(self, account: UUID, session: UUID, why: str) -> None:
        """Tell the clients of a session that it ended, and why; nothing comes after it."""
        for one in self._of_account.get(account, ()):
            if one.session == session:
                one.tell(Notice("session-ended", {"why": why}, last=True))

    def everybody(self) -> Iterable[Listener]:
        """Return all of them."""
        return [one for listeners in self._of_account.values() for one in listeners]
