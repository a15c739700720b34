"""Checks that positions are dense and that the moments of recording never go back."""

from datetime import datetime

from projections.verify.verdict import Mistakes, Page, Verdict

AHEAD = 1.0
"""Seconds that clocks of a primary and its former standby may differ."""


class Positions:
    """1, 2, 3 … to the head."""

    def __init__(self, head: int) -> None:
        self._head = head
        self._last = 0
        self._wrong = Mistakes()

    def take(self, page: Page) -> None:
        first, last = page.rows[0]["position"], page.rows[-1]["position"]
        if first == self._last + 1 and last == self._last + len(page.rows):
            self._last = last
            return
        for row in page.rows:
            if row["position"] != self._last + 1:
                self._wrong.add(f"nothing between {self._last} and {row['position']}")
            self._last = row["position"]

    def verdict(self) -> Verdict:
        if self._last != self._head:
            self._wrong.add(f"the last position is {self._last}, not {self._head}")
        return self._wrong.verdict("positions", f"{self._head:,} events, 1 to {self._head:,} without a gap")


class Times:
    """recorded_at never decreases with position, and is no moment that is still to come.

    Args:
        now: the moment of the database's clock, asked after the last event.
    """

    def __init__(self, now: datetime) -> None:
        self._now = now
        self._latest: datetime | None = None
        self._wrong = Mistakes()

    def take(self, page: Page) -> None:
        times = [row["recorded_at"] for row in page.rows]
        if times != sorted(times) or (self._latest is not None and times[0] < self._latest):
            latest = self._latest or times[0]
            for row in page.rows:
                if row["recorded_at"] < latest:
                    self._wrong.add(f"position {row['position']} is earlier than the one before")
                latest = row["recorded_at"]
        self._latest = times[-1]

    def verdict(self) -> Verdict:
        ahead = (self._latest - self._now).total_seconds() if self._latest else 0.0
        if ahead > AHEAD:
            self._wrong.add(
                f"the log is {ahead:,.0f} s ahead of the database's clock: until then all events get the"
                " same moment, so set the clock right, and count what is behind in events"
            )
        return self._wrong.verdict("times", "no moment of recording goes back or is still to come")
