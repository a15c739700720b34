"""Prints events in words, with the titles and names that it was told or has asked for."""

from collections.abc import Callable
from typing import Any

from scripts.bot.names import Names
from scripts.bot.words import entry_of, sentence, title_in

TITLES = 50_000
"""Titles that are remembered."""


class OutputGoneError(Exception):
    """Nobody reads what we print any more."""


class Teller:
    """Prints events, and remembers the titles and names that later sentences need.

    Args:
        names: asks for names and titles; None: an id has to do.
        show: prints a line.
        json_output: print CloudEvents instead of sentences.

    Attributes:
        shown: how many events were printed.
    """

    def __init__(self, names: Names | None, show: Callable[[str], None], *, json_output: bool) -> None:
        self.shown = 0
        self._names = names
        self._show = show
        self._json = json_output
        self._titles: dict[str, str] = {}

    async def late(self, event: dict[str, Any], body: bytes) -> None:
        """Print an event that comes after later ones: a title that it tells may not be the one of now."""
        await self.show(event, body, late=True)

    async def show(self, event: dict[str, Any], body: bytes, *, late: bool = False) -> None:
        """Print an event, or its CloudEvent as it came; raises OutputGoneError when nobody reads any more."""
        told = title_in(event)
        if told is not None and not (late and told[0] in self._titles):
            self._remember(*told)
        if self._names is not None and event.get("type") == "account.erased":
            self._names.forget(entry_of(event)[1])
        if self._names is not None and not self._json:
            await self._names.learn(str(event.get("actor", "")))
            kind, entry = entry_of(event)
            if entry not in self._titles and (title := await self._names.title(kind, entry)) is not None:
                self._remember(entry, title)
        known = self._names.known if self._names else {}
        line = body.decode() if self._json else sentence(event, self._titles, known)
        try:
            self._show(line)
        except OSError as error:
            raise OutputGoneError from error
        self.shown += 1

    def _remember(self, entry: str, title: str) -> None:
        if len(self._titles) >= TITLES:
            self._titles.clear()
        self._titles[entry] = title
