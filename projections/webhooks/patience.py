"""How long an endpoint that does not take an event is tried, and how often."""

from typing import NamedTuple

DAY = 86_400.0


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

    def pause(self, tries: int, luck: float) -> float:
        """Return the seconds until the next try.

        Args:
            tries: that failed.
            luck: from 0 to 1: many that failed together are not tried together again.
        """
        whole = min(self.longest, self.first * 2.0 ** min(tries - 1, 30))
        return whole * (0.75 + luck / 4)

    def gives_up(self, failing: float) -> bool:
        """Tell whether an event is given up that was first tried so many seconds ago."""
        return failing >= self.whole
