"""What became of an import, in numbers."""

from collections.abc import Iterable
from typing import Any

import msgspec


class ImportReport(msgspec.Struct, kw_only=True):
    """How many records were read, and what became of them."""

    source: str
    dry_run: bool = False
    records: int = 0
    already: int = 0
    """They are in the log since an earlier run."""
    unchanged: int = 0
    """They say nothing new."""
    set_aside: int = 0
    events: dict[str, int] = {}
    """Stored type → how many were appended, or would be."""
    done: int = 0
    total: int = 0
    """How much of the source was read, in what it counts; 0: not known."""

    def counted(self, types: Iterable[str]) -> None:
        """Add events, given by their stored types."""
        for one in types:
            self.events[one] = self.events.get(one, 0) + 1

    def facts(self) -> dict[str, Any]:
        """Return it as JSON values."""
        facts: dict[str, Any] = msgspec.to_builtins(self)
        return facts
