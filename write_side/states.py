"""Folded states that are kept in memory, as many as fit into so many bytes."""

from collections import OrderedDict
from collections.abc import Hashable, Mapping, Sequence
from sys import getsizeof
from typing import Any
from uuid import UUID

import msgspec

from write_side.aggregate import StreamState

MAX_BYTES = 64 * 1024 * 1024
"""Memory for folded states of a process."""

_ENTRY = 600
"""Bytes of a state without its fields of some size: itself, its ids, its places in the tables here."""

_UNCOUNTED = (int, UUID, type(None))
"""Small, or shared by many states; `_ENTRY` has room for them."""


class States:
    """Folded states by aggregate and stream. Those that were not used for longest give way.

    Args:
        limit: bytes that all of them may take.
    """

    def __init__(self, limit: int = MAX_BYTES) -> None:
        self._limit = limit
        self._kept: OrderedDict[Hashable, tuple[StreamState, int]] = OrderedDict()
        self.size = 0
        """Bytes that they take."""

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: Hashable) -> Any:
        """Return the state under a key, which is then the last to give way; None: it is not kept."""
        found = self._kept.get(key)
        if found is None:
            return None
        self._kept.move_to_end(key)
        return found[0]

    def put(self, key: Hashable, state: StreamState) -> None:
        """Keep a state unless a newer one is kept."""
        found = self._kept.get(key)
        if found is not None and found[0].version >= state.version:
            return
        weight = weight_of(state)
        self.size += weight - (found[1] if found is not None else 0)
        self._kept[key] = state, weight
        self._kept.move_to_end(key)
        while self.size > self._limit:
            self.drop(next(iter(self._kept)))

    def drop(self, key: Hashable) -> None:
        """Forget the state under a key."""
        found = self._kept.pop(key, None)
        if found is not None:
            self.size -= found[1]

    def clear(self) -> None:
        """Forget all of them."""
        self._kept.clear()
        self.size = 0


def weight_of(state: StreamState) -> int:
    """Return about how many bytes of memory a state takes, all that it holds included."""
    total = _ENTRY
    waiting: list[Any] = [getattr(state, name) for name in state.__struct_fields__]
    while waiting:
        value = waiting.pop()
        if isinstance(value, _UNCOUNTED):
            continue
        total += getsizeof(value)
        if isinstance(value, str):
            continue
        if isinstance(value, Mapping):
            waiting.extend(value.values())
        elif isinstance(value, Sequence):
            waiting.extend(value)
        elif isinstance(value, msgspec.Struct):
            waiting.extend(getattr(value, name) for name in value.__struct_fields__)
    return total
