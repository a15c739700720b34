"""What every query route reads from; the main module fills it in when the process starts."""

from dataclasses import dataclass, field

from kit.cache import Cache, Flights
from read_side.paging import Cursors
from read_side.served import Model, Served
from read_side.tables import Tables


@dataclass
class Sources:
    """Shared by all routes of a process.

    Args:
        tables: the read tables.
        served: which models there are and how far they have come.
        control: Cache-Control of public answers.
        cache: copies shared by processes; at first, none.
        cursors: seals the cursors of lists.
    """

    tables: Tables
    served: Served
    control: bytes
    cache: Cache = field(default_factory=lambda: Cache("", ""))
    cursors: Cursors = field(default_factory=lambda: Cursors(b""))
    flights: Flights = field(default_factory=Flights)

    def model(self, name: str) -> Model:
        """Return a model by name."""
        return self.served.models[name]
