"""Counts and durations of requests by route template, kept for the cost of one dictionary look-up."""

from collections.abc import Iterator

from prometheus_client import generate_latest
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from kit.durations import Durations

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Metrics(Collector):
    """What one process has answered so far; a registry collects it at every scrape.

    It is used from one event loop only. Every process keeps its own and is scraped on its own address.
    """

    def __init__(self) -> None:
        self._cells: dict[tuple[str, str, int], Durations] = {}

    def add(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one answer; `route` is a template or a fixed word, never a path that somebody made up."""
        cell = self._cells.get((method, route, status))
        if cell is None:  # the first one, or an odd method
            key = (method if method in _METHODS else "other", route, status)
            cell = self._cells.setdefault(key, Durations())
        cell.add(seconds)

    def collect(self) -> Iterator[Metric]:
        total = CounterMetricFamily(
            "http_requests", "Answered requests.", labels=["method", "route", "status"]
        )
        merged: dict[tuple[str, str], Durations] = {}
        for (method, route, status), cell in self._cells.items():
            total.add_metric([method, route, str(status)], cell.count)
            merged.setdefault((method, route), Durations()).add_all(cell)
        yield total
        times = HistogramMetricFamily(
            "http_request_duration_seconds",
            "From the first byte of the headers read to the last byte handed to the server.",
            labels=["method", "route"],
        )
        for key, cell in merged.items():
            cell.show(times, list(key))
        yield times


def exposition(figures: Collector) -> bytes:
    """Return the text that a Prometheus server scrapes, of a registry or one collector, as `CONTENT_TYPE`."""
    return generate_latest(figures)
