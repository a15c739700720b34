"""Durations counted by upper bounds, as a histogram of Prometheus shows them."""

from bisect import bisect_left
from itertools import accumulate

from prometheus_client.core import HistogramMetricFamily

BOUNDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
"""Upper ends of the buckets, in seconds."""

_ENDS = [*(str(bound) for bound in BOUNDS), "+Inf"]


class Durations:
    """How often something took how long. One thread adds; others may read meanwhile."""

    __slots__ = ("buckets", "seconds")

    def __init__(self) -> None:
        self.buckets = [0] * (len(BOUNDS) + 1)
        self.seconds = 0.0
        """All of them together."""

    def add(self, seconds: float) -> None:
        self.buckets[bisect_left(BOUNDS, seconds)] += 1
        self.seconds += seconds

    def add_all(self, other: "Durations") -> None:
        """Add what another one has counted."""
        self.buckets = [a + b for a, b in zip(self.buckets, other.buckets, strict=True)]
        self.seconds += other.seconds

    @property
    def count(self) -> int:
        return sum(self.buckets)

    def show(self, family: HistogramMetricFamily, labels: list[str]) -> None:
        """Put these into a family as the samples of some labels."""
        counts = [float(count) for count in accumulate(self.buckets)]
        family.add_metric(labels, list(zip(_ENDS, counts, strict=True)), self.seconds)
