"""Gives out each record of a source once: what a source holds twice would be imported again by each run."""

from array import array
from collections.abc import Iterable, Iterator
from uuid import UUID

from write_side.importing.record import Aside, Record, command_of, stream_of

_FIRST_SLOTS = 1 << 12


class NamesMet:
    """Remembers which names were met, in 12 to 24 bytes each: a source may hold millions.

    A name is known by 64 bits of it: of ten million, two are taken for one with a chance of 1 in 300,000.
    """

    def __init__(self) -> None:
        self._slots = array("Q", bytes(8 * _FIRST_SLOTS))
        self._met = 0

    def add(self, name: UUID) -> bool:
        """Note a name; return whether it is met for the first time."""
        if self._met * 3 >= len(self._slots) * 2:
            self._grow()
        new = _put(self._slots, (name.int & 0xFFFF_FFFF_FFFF_FFFF) or 1)
        self._met += new
        return new

    def _grow(self) -> None:
        slots = array("Q", bytes(16 * len(self._slots)))
        for one in self._slots:
            if one:
                _put(slots, one)
        self._slots = slots


def once(records: Iterable[Record | Aside], source: str) -> Iterator[Record | Aside]:
    """Yield records, and of those that stand there twice the first; the others are set aside.

    Args:
        records: of a source, in its order.
        source: its name.
    """
    met = NamesMet()
    for one in records:
        if isinstance(one, Aside) or met.add(_name(source, one)):
            yield one
        else:
            yield Aside(one.place, "stands there twice: the first one counts")


def _name(source: str, record: Record) -> UUID:
    """Return what tells a record from all others; without history an entry is there once."""
    if not record.alone:
        return command_of(source, record)
    stream = stream_of(source, record)
    return UUID(int=stream.int ^ record.step)


def _put(slots: "array[int]", name: int) -> bool:
    last = len(slots) - 1
    at = (name ^ name >> 32) & last
    while (there := slots[at]) not in (0, name):
        at = (at + 1) & last
    slots[at] = name
    return not there
