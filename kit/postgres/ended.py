"""A connection that was ended says so to whoever still uses it, in words that everybody takes for "away"."""

from typing import Any, NoReturn

import asyncpg


class EndedError(ConnectionError):
    """The connection was ended by this process: an alarm, a time-out, a stop."""


class _Nobody:
    """Stands where the driver has none any more: whoever asks it learns that the end has come."""

    def is_connected(self) -> bool:
        return False

    def abort(self) -> None:
        return

    def __getattr__(self, name: str) -> NoReturn:
        raise EndedError("the connection was ended while it was in use")


class OurConnection(asyncpg.Connection):  # type: ignore[misc]
    """A connection of the driver, which leaves None behind when it is ended.

    Whoever waits for an answer at that moment goes on with that None and raises AttributeError: what nobody
    expects, and what would be taken for a fault of the program.
    """

    _protocol: Any

    def _abort(self) -> None:
        super()._abort()
        self._protocol = _Nobody()
