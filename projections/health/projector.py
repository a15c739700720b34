"""What the projector says of itself: is it alive, does it do its work, and its figures."""

from typing import Any

import orjson

from kit.health.port import HealthAnswer, HealthAnswers
from kit.health.tasks import ProcessHealth
from kit.http.edge.metrics import CONTENT_TYPE, exposition
from kit.log.lease import MEND
from projections.forwarding.stream_watch import mend as mend_stream
from projections.health.metrics import ReaderMetrics, role
from projections.health.observer import Observer
from projections.health.readers import Reader, View

WELL = frozenset({"leads", "stands by", "fills"})
"""What a projector is to each of its readers while all is well."""

REWOUND = "EPOCH_REWIND: the log does not hold what it has seen"

LACKS = "the stream lacks events that were sent"

PARKED = "see what was put aside, and why: `frankenjet parked list`"


class Health:
    """Answers for a projector; runs in the thread of its health port.

    Args:
        vitals: what its tasks note.
        lookout: asks the log itself, on a connection of its own.
        holder: name of this process in leases.
    """

    def __init__(self, vitals: ProcessHealth, lookout: Observer, holder: str) -> None:
        self._vitals = vitals
        self._lookout = lookout
        self._holder = holder

    @property
    def answers(self) -> HealthAnswers:
        return {"/livez": self.livez, "/readyz": self.readyz, "/metrics": self.metrics}

    async def livez(self) -> HealthAnswer:
        """200 while the loop turns and every task of the process lives; asks nobody."""
        faults = self._vitals.faults()
        return _said(good=not faults, facts={"alive": not faults, "faults": faults})

    async def readyz(self) -> HealthAnswer:
        """200 while this copy leads or stands by for every reader; says where each one is."""
        view = await self._lookout.look()
        faults = self._vitals.faults()
        if view is None:
            faults.append(f"the database has not been read for {self._lookout.age:.1f} s")
            return _said(good=False, facts={"ready": False, "faults": faults})
        readers, well = self._readers(view)
        ready = well and not faults
        facts = {"ready": ready, "faults": faults, "head": view.head, "log_ahead_seconds": view.ahead}
        return _said(good=ready, facts=facts | {"readers": readers})

    async def metrics(self) -> HealthAnswer:
        """Figures in the format of Prometheus, read at this moment."""
        view = await self._lookout.look()
        figures = ReaderMetrics(view, self._lookout.age, holder=self._holder, vitals=self._vitals)
        return HealthAnswer(200, CONTENT_TYPE, exposition(figures))

    def _readers(self, view: View) -> tuple[list[dict[str, Any]], bool]:
        found = [self._reader(one) for one in view.readers if one.ours]
        return found, all(one["role"] in WELL and not one.get("missing_events") for one in found)

    def _reader(self, one: Reader) -> dict[str, Any]:
        facts: dict[str, Any] = {
            "name": one.name,
            "role": role(one, self._holder, self._vitals),
            "term": one.term,
            "position": one.position,
            "lag_events": one.lag_events,
            "lag_seconds": one.lag_seconds,
            "parked_entities": one.parked_entities,
        }
        if facts["role"] == "fills":
            facts |= {"replayed": one.replayed, "of": one.target}
        task = self._vitals.tasks.get(one.name)
        if one.state == "halted":
            facts |= {"why": REWOUND, "mend": MEND}
        elif task is not None and facts["role"] == "halted":
            facts["why"] = task.halted
        elif task is not None and facts["role"] == "leads" and (waits := task.waits()):
            facts["waits"] = waits
        if one.missing_events:
            facts |= {"missing_events": one.missing_events, "why": LACKS}
            facts["mend"] = mend_stream(one.name, one.missing_from)
        if task is not None and (unseen := task.unseen()):
            facts["unseen"] = unseen
        if one.parked_entities:
            facts["parked"] = PARKED
        return facts


def _said(*, good: bool, facts: dict[str, Any]) -> HealthAnswer:
    return HealthAnswer(200 if good else 503, "application/json", orjson.dumps(facts))
