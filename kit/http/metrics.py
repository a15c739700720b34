"""Counts and durations of requests by route template, kept for the cost of one dictionary look-up."""

from bisect import bisect_left
from collections.abc import Iterator
from itertools import accumulate

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

BOUNDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
"""Upper ends of the histogram's buckets, in seconds."""

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class _Cell:
    __slots__ = ("buckets", "seconds")

    def __init__(self) -> None:
        self.buckets = [0] * (len(BOUNDS) + 1)
        self.seconds = 0.0


class Metrics(Collector):
    """What one process has answered so far; a registry collects it at every scrape.

    It is used from one event loop only. Every process keeps its own and is scraped on its own address.
    """

    def __init__(self) -> None:
        self._cells: dict[tuple[str, str, int], _Cell] = {}

    def add(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one answer; `route` is a template or a fixed word, never a path that somebody made up."""
        key = (method if method in _METHODS else "other", route, status)
        cell = self._cells.get(key)
        if cell is None:
            cell = self._cells[key] = _Cell()
        cell.buckets[bisect_left(BOUNDS, seconds)] += 1
        cell.seconds += seconds

    def collect(self) -> Iterator[Metric]:
        total = CounterMetricFamily(
            "http_requests", "Answered requests.", labels=["method", "route", "status"]
        )
        merged: dict[tuple[str, str], _Cell] = {}
        for (method, route, status), cell in self._cells.items():
            total.add_metric([method, route, str(status)], sum(cell.buckets))
            whole = merged.setdefault((method, route), _Cell())
            whole.buckets = [a + b for a, b in zip(whole.buckets, cell.buckets, strict=True)]
            whole.seconds += cell.seconds
        yield total
        times = HistogramMetricFamily(
            "http_request_duration_seconds",
            "From the first byte of the headers read to the last byte handed to the server.",
            labels=["method", "route"],
        )
        ends = [*(str(bound) for bound in BOUNDS), "+Inf"]
        for key, cell in merged.items():
            counts = [float(count) for count in accumulate(cell.buckets)]
            times.add_metric(list(key), list(zip(ends, counts, strict=True)), cell.seconds)
        yield times


def exposition(registry: CollectorRegistry) -> bytes:
    """Return the text that a Prometheus server scrapes; send it as `CONTENT_TYPE`."""
    return generate_latest(registry)
