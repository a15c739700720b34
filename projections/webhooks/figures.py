"""What is counted of webhooks, as a server of Prometheus collects it from the projector that leads them."""

from collections.abc import Iterator, Mapping

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

STATES = """
select case when state <> 'active' then state when tries > 0 then 'waiting' else 'well' end as state, count(*)
  from hook.endpoint group by 1"""
"""`waiting`: an event was not taken, and the next try is waited for."""

ACTIVE = frozenset({"well", "waiting"})
"""States of webhooks that may be sent something."""

OUTCOMES = ("delivered", "failed", "given_up")

ALL_STATES = ("well", "waiting", "paused", "ended")


class WebhookFigures(Collector):
    """Tries since this process began, and how the webhooks do that it saw last."""

    def __init__(self) -> None:
        self._tries = dict.fromkeys(OUTCOMES, 0)
        self._states: Mapping[str, int] = {}

    def tried(self, outcome: str) -> None:
        """Count a try; `given_up` comes beside the `failed` of the last try of an event."""
        self._tries[outcome] += 1

    def seen(self, states: Mapping[str, int]) -> None:
        """Note how many webhooks are in each state now."""
        self._states = states

    def collect(self) -> Iterator[Metric]:
        tries = CounterMetricFamily(
            "frankenjet_webhook_tries", "Tries to deliver an event, and events given up.", labels=["outcome"]
        )
        for outcome, count in self._tries.items():
            tries.add_metric([outcome], count)
        yield tries
        now = GaugeMetricFamily("frankenjet_webhooks", "Webhooks, by how they do.", labels=["state"])
        for state in ALL_STATES:
            now.add_metric([state], self._states.get(state, 0))
        yield now
