"""How long an endpoint that does not take an event is tried, and how often."""

from collections.abc import Mapping
from typing import NamedTuple

DAY = 86_400.0

MOST_DIGITS = 9
"""Of seconds that are read."""


class Patience(NamedTuple):
    """Figures in seconds."""

    first: float = 5.0
    """Between the first try and the second; each pause is twice as long as the one before."""
    longest: float = 3_600.0
    """A pause."""
    whole: float = DAY
    """From the first try of an event until it is given up, at the next try that fails."""
    in_a_row: int = 3
    """Events given up one after the other, after which the endpoint is paused."""

    def pause(self, tries: int, luck: float, wished: float = 0.0) -> float:
        """Return the seconds until the next try.

        Args:
            tries: that failed.
            luck: from 0 to 1: many that failed together are not tried together again.
            wished: that the receiver asked for at the least; no more than the longest pause is granted.
        """
        whole = min(self.longest, self.first * 2.0 ** min(tries - 1, 30))
        return max(whole * (0.75 + luck / 4), min(wished, self.longest))

    def gives_up(self, failing: float) -> bool:
        """Tell whether an event is given up that was first tried so many seconds ago."""
        return failing >= self.whole


def wished_pause(headers: Mapping[bytes, bytes]) -> float:
    """Return the seconds that an answer asks to be left alone for; 0: it does not say, or names a moment."""
    said = headers.get(b"retry-after", b"").strip()
    return float(said) if said.isdigit() and len(said) <= MOST_DIGITS else 0.0
