"""What every query route reads from; the main module fills it in when the process starts."""

from collections.abc import Collection
from dataclasses import dataclass, field

from kit.cache.store import Cache
from kit.flights import Flights
from read_side.answers.paging import KEY, Cursors
from read_side.comparing.comparisons import Comparisons
from read_side.fresh.served import Model, Served
from read_side.tables import Tables


@dataclass
class Sources:
    """Shared by all routes of a process.

    Args:
        tables: the read tables.
        served: which models there are and how far they have come.
        control: Cache-Control of public answers.
        event_types: the types of all events that there are.
        cache: copies shared by processes; at first, none.
        flights: lets readers of one document share its query.
        comparisons: what changed between revisions.
    """

    tables: Tables
    served: Served
    control: bytes
    event_types: Collection[str]
    cache: Cache = field(default_factory=lambda: Cache("", ""))
    sealing: Cursors | None = None
    """What seals the cursors of this lineage of the log, once it was asked for."""
    flights: Flights = field(default_factory=Flights)
    comparisons: Comparisons = field(default_factory=Comparisons)

    async def cursors(self) -> Cursors:
        """Return what seals the cursors of lists.

        Raises:
            Problem: 503 when the key cannot be read.
        """
        while (found := self.sealing) is None:
            lineage = self.served.lineage
            row = await self.tables.row(KEY)
            if lineage is not None and lineage is self.served.lineage:
                self.sealing = Cursors(row["value"], lineage.log)
        return found

    def model(self, name: str) -> Model:
        """Return a model by name."""
        return self.served.models[name]
