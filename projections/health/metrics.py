"""The figures of the readers of the log, as a server of Prometheus collects them. Each name says its unit."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from kit.health.tasks import ProcessHealth
from projections.health.readers import Reader, View


def role(reader: Reader, holder: str | None, vitals: ProcessHealth | None = None) -> str:
    """Return what a process is to a reader.

    Args:
        reader: one of this build.
        holder: the process; None: one that reads no log.
        vitals: what the tasks of the process note.

    Returns:
        leads, stands by; led: by somebody; stopped: by nobody; halted: nobody can; fills: by a rebuild.
    """
    if reader.state == "filling":
        return "fills"
    if reader.state in {"halted", "stopped"}:
        return reader.state
    if holder is None:
        return "led"
    if reader.holder != holder:
        return "stands by"
    task = vitals.tasks.get(reader.name) if vitals is not None else None
    return "halted" if task is not None and task.halted else "leads"


class Gauge(NamedTuple):
    """A gauge that each reader has."""

    name: str
    means: str
    value: Callable[[Reader], float]


_FOLLOWING = (
    Gauge("position_events", "Events up to the reader's cursor.", lambda one: one.position),
    Gauge("lag_events", "Events that the reader has not taken.", lambda one: one.lag_events),
    Gauge(
        "lag_seconds", "Age of the oldest event that the reader has not taken.", lambda one: one.lag_seconds
    ),
    Gauge(
        "oldest_unprojected_seconds",
        "Age of the oldest event that the reader has not applied, parked ones included.",
        lambda one: one.oldest_seconds,
    ),
    Gauge(
        "parked_events", "Events put aside, those after the first included.", lambda one: one.parked_events
    ),
    Gauge("parked_entities", "Entities with events put aside.", lambda one: one.parked_entities),
    Gauge(
        "missing_events",
        "Events that the reader has sent and that its stream lacks.",
        lambda one: one.missing_events,
    ),
)
_FILLING = (
    Gauge("rebuild_replayed_events", "Events that the rebuild has filled in.", lambda one: one.replayed),
    Gauge("rebuild_target_events", "Events that the rebuild will have filled in.", lambda one: one.target),
)


class ReaderMetrics(Collector):
    """What one look saw, and what the process notes of itself.

    Args:
        view: the look; None: the database cannot be read, and nothing is said about what only it knows.
        age: seconds since the log was last read.
        holder: this process as a holder of leases; None: it reads no log.
        vitals: notes of this process, if it reads the log.
    """

    def __init__(
        self, view: View | None, age: float, *, holder: str | None = None, vitals: ProcessHealth | None = None
    ) -> None:
        self._view = view
        self._age = age
        self._holder = holder
        self._vitals = vitals

    def collect(self) -> Iterator[Metric]:
        yield GaugeMetricFamily(
            "frankenjet_log_head_age_seconds",
            "Seconds since the log was last read. While it cannot be, nothing is said of positions and lags.",
            self._age,
        )
        if self._view is not None:
            yield from _of_the_log(self._view, lambda one: role(one, self._holder, self._vitals))
        if self._vitals is not None:
            yield from _of_the_readers(self._vitals)
            yield from _of_the_tasks(self._vitals)
            for figures in self._vitals.figures:
                yield from figures.collect()


def _of_the_log(view: View, role_of: Callable[[Reader], str]) -> Iterator[Metric]:
    yield GaugeMetricFamily("frankenjet_log_head_events", "Events in the log, asked of the log.", view.head)
    yield GaugeMetricFamily(
        "frankenjet_log_ahead_seconds",
        "Seconds that the log is ahead of the database's clock, as after one that was wrong.",
        view.ahead,
    )
    ours = [one for one in view.readers if one.ours]
    info = InfoMetricFamily("frankenjet_reader", "Who leads each reader.", labels=["reader", "model"])
    for one in ours:
        info.add_metric(_labels(one), {"role": role_of(one), "term": str(one.term), "holder": one.holder})
    yield info
    following = [one for one in ours if one.state != "filling"]
    filling = [one for one in ours if one.state == "filling"]
    for gauges, readers in ((_FOLLOWING, following), (_FILLING, filling)):
        for gauge in gauges:
            family = GaugeMetricFamily(
                f"frankenjet_reader_{gauge.name}", gauge.means, labels=["reader", "model"]
            )
            for one in readers:
                family.add_metric(_labels(one), gauge.value(one))
            yield family


def _labels(one: Reader) -> list[str]:
    return [one.name, one.model or ""]


def _of_the_readers(vitals: ProcessHealth) -> Iterator[Metric]:
    batches = CounterMetricFamily("frankenjet_reader_batches", "Batches taken here.", labels=["reader"])
    events = CounterMetricFamily("frankenjet_reader_events", "Events taken here.", labels=["reader"])
    times = HistogramMetricFamily(
        "frankenjet_reader_batch_duration_seconds",
        "From the beginning of a batch to its commit, its seal or its confirm.",
        labels=["reader"],
    )
    for name, tally in list(vitals.tallies.items()):
        batches.add_metric([name], tally.durations.count)
        events.add_metric([name], tally.events)
        tally.durations.show(times, [name])
    yield from (batches, events, times)


def _of_the_tasks(vitals: ProcessHealth) -> Iterator[Metric]:
    restarts = CounterMetricFamily(
        "frankenjet_projector_restarts", "How often a task has begun again.", labels=["task"]
    )
    failed = GaugeMetricFamily(
        "frankenjet_projector_last_error_timestamp_seconds",
        "When a task had to begin again the last time; 0: never.",
        labels=["task"],
    )
    silence = GaugeMetricFamily(
        "frankenjet_projector_silence_seconds", "Seconds since a task has last turned.", labels=["task"]
    )
    for name, task in list(vitals.tasks.items()):
        restarts.add_metric([name], task.restarts)
        failed.add_metric([name], task.failed_at)
        silence.add_metric([name], vitals.seconds_since(task.beaten))
    yield from (restarts, failed, silence)
