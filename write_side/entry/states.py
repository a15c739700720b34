"""Folded states that are kept in memory, as many as fit into so many bytes."""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from sys import getsizeof
from typing import Any
from uuid import UUID

from write_side.entry.state import State

BYTES = 64 * 1024 * 1024
"""Memory for folded states of a process."""

_ENTRY = 600
"""Bytes of a state without its content: itself, its ids, its numbers, its places in the tables here."""


class States:
    """Folded states by stream. Those that were not used for longest give way.

    Args:
        limit: bytes that all of them may take.
    """

    def __init__(self, limit: int = BYTES) -> None:
        self._limit = limit
        self._kept: OrderedDict[UUID, tuple[State, int]] = OrderedDict()
        self.size = 0
        """Bytes that they take."""

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, stream: UUID) -> State | None:
        """Return the state of a stream, which is then the last to give way."""
        found = self._kept.get(stream)
        if found is None:
            return None
        self._kept.move_to_end(stream)
        return found[0]

    def put(self, stream: UUID, state: State) -> None:
        """Keep a state unless a newer one is kept."""
        found = self._kept.get(stream)
        if found is not None and found[0].version >= state.version:
            return
        same = found is not None and found[0].content is state.content
        weight = found[1] if found is not None and same else weight_of(state)
        self.size += weight - (found[1] if found is not None else 0)
        self._kept[stream] = state, weight
        self._kept.move_to_end(stream)
        while self.size > self._limit:
            self.drop(next(iter(self._kept)))

    def drop(self, stream: UUID) -> None:
        """Forget the state of a stream."""
        found = self._kept.pop(stream, None)
        if found is not None:
            self.size -= found[1]

    def clear(self) -> None:
        """Forget all of them."""
        self._kept.clear()
        self.size = 0


def weight_of(state: State) -> int:
    """Return about how many bytes of memory a state takes, all that it holds included."""
    total = _ENTRY + getsizeof(state.slug) + getsizeof(state.changed_in)
    waiting: list[Any] = [state.content]
    while waiting:
        value = waiting.pop()
        total += getsizeof(value)
        if isinstance(value, Mapping):
            waiting.extend(value.values())
        elif isinstance(value, Sequence) and not isinstance(value, str):
            waiting.extend(value)
    return total
