"""What the end of a connection means for those who use it: the server is away; no other error gets lost."""

from types import TracebackType
from typing import Any, NoReturn

import asyncpg
from asyncpg.transaction import Transaction

RELEASE_SECONDS = 0.5
"""Seconds that a connection has to give a query up before it is lent to the next one; then it is closed."""


class EndedError(ConnectionError):
    """The connection was ended by this process: an alarm, a time-out, a stop."""


class _Nobody:
    """Stands where the driver has none any more: one that asks it learns that the end has come."""

    def is_connected(self) -> bool:
        return False

    def abort(self) -> None:
        return

    def __getattr__(self, name: str) -> NoReturn:
        raise EndedError("the connection was ended while it was in use")


class _OurTransaction(Transaction):  # type: ignore[misc]
    """A transaction that keeps the error of its block where no connection is left to roll it back on.

    The driver raises what the roll-back met instead. The transaction is over in either case, and if the error
    was a cancellation, a loop that waits out whatever goes wrong with a server would never end.
    """

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            await super().__aexit__(kind, error, trace)
        except Exception:
            if kind is None or not self._connection.is_closed():
                raise


class OurConnection(asyncpg.Connection):  # type: ignore[misc]
    """A connection of the driver, which leaves None behind when it is ended.

    What waits for an answer at that moment goes on with that None and raises AttributeError: what nobody
    expects, and what would be taken for a fault of the program.
    """

    _protocol: Any

    def transaction(
        self, *, isolation: str | None = None, readonly: bool = False, deferrable: bool = False
    ) -> _OurTransaction:
        """Return a transaction to be entered; the arguments are the driver's own."""
        self._check_open()
        return _OurTransaction(self, isolation, readonly, deferrable)

    def _abort(self) -> None:
        super()._abort()
        self._protocol = _Nobody()


class OurPool(asyncpg.Pool):  # type: ignore[misc]
    """A pool that takes a connection back without an error, also one whose server does not answer any more.

    The driver closes that one and raises; but what its borrower has is his, be it an answer, an error or a
    cancellation.
    """

    async def release(self, connection: Any, *, timeout: float | None = None) -> None:  # noqa: ASYNC109
        """Take a connection back, at the latest after RELEASE_SECONDS."""
        lent = connection._con  # noqa: SLF001 - the driver's own word for it
        try:
            await super().release(connection, timeout=timeout or RELEASE_SECONDS)
        except Exception:
            if lent is None or not lent.is_closed():
                raise
