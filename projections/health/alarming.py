"""Looks at the readers of the log once a second, from another process, and tells of trouble."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping

import orjson
import structlog
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from kit.health.port import HealthAnswer, HealthAnswers
from kit.http.edge.metrics import CONTENT_TYPE, exposition
from projections.health.alarms import AlarmNotice, Alarms
from projections.health.observer import Observer

LOOK_SECONDS = 1.0
"""Seconds between two looks."""

STUCK_SECONDS = 10.0
"""Seconds without a look after which the process counts as stuck."""

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0
"""Seconds before a notice is tried again."""

MOST_WAITING = 200
"""Notices that wait for one way; the oldest are given up beyond that: the log has them all."""

type Tell = Callable[[AlarmNotice], Awaitable[None]]
"""Tells somebody; raises whatever keeps it from that, and is called again."""

log = structlog.get_logger("alarm")


class AlarmWatch:
    """Looks, and tells in every way that there is; a way that fails delays no other one.

    Args:
        lookout: reads where the readers are.
        ways: name → tells somebody.
        clock: seconds that only grow.
    """

    def __init__(
        self, lookout: Observer, ways: Mapping[str, Tell], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._lookout = lookout
        self._ways = ways
        self._clock = clock
        self._alarms = Alarms()
        self._looked = time.monotonic()
        self._waiting: dict[str, asyncio.Queue[AlarmNotice]] = {name: asyncio.Queue() for name in ways}

    async def run(self) -> None:
        """Look and tell without end."""
        async with asyncio.TaskGroup() as group:
            for name, tell in self._ways.items():
                group.create_task(self._keep_telling(name, tell), name=f"tell by {name}")
            group.create_task(self._keep_looking(), name="look")

    async def _keep_looking(self) -> None:
        while True:
            view = await self._lookout.look()
            self._looked = time.monotonic()
            for notice in self._alarms.seen(view, self._lookout.age, self._clock()):
                self._note(notice)
            await asyncio.sleep(LOOK_SECONDS)

    def _note(self, notice: AlarmNotice) -> None:
        say = log.info if notice.step == "is over" else log.error
        step = notice.step.replace(" ", "_")
        say(f"alarm.{step}", reader=notice.trouble.reader, what=notice.trouble.what, said=notice.text)
        for waiting in self._waiting.values():
            waiting.put_nowait(notice)
            if waiting.qsize() > MOST_WAITING:
                waiting.get_nowait()

    async def _keep_telling(self, name: str, tell: Tell) -> None:
        while True:
            notice = await self._waiting[name].get()
            pause = FIRST_PAUSE
            while True:
                try:
                    await tell(notice)
                    break
                except Exception as error:  # noqa: BLE001 - whatever it is, somebody has to be told
                    log.warning("alarm.not_told", by=name, error=f"{type(error).__name__}: {error}")
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE)

    @property
    def answers(self) -> HealthAnswers:
        """What machines ask of the process."""
        return {"/livez": self._livez, "/metrics": self._metrics}

    async def _livez(self) -> HealthAnswer:
        alive = time.monotonic() - self._looked < STUCK_SECONDS
        return HealthAnswer(200 if alive else 503, "application/json", orjson.dumps({"alive": alive}))

    async def _metrics(self) -> HealthAnswer:
        return HealthAnswer(200, CONTENT_TYPE, exposition(_Figures(self._alarms)))


class _Figures(Collector):
    def __init__(self, alarms: Alarms) -> None:
        self._alarms = alarms

    def collect(self) -> Iterator[Metric]:
        found = GaugeMetricFamily("frankenjet_alarm", "Trouble that was told.", labels=["reader", "what"])
        for one in self._alarms.told:
            found.add_metric([one.reader, one.what], 1)
        yield found
