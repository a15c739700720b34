"""The runs that two rows of items share, in time linear in their lengths, whatever they hold."""

from collections.abc import Callable, Iterator, Sequence
from itertools import chain, pairwise
from typing import NamedTuple

from rapidfuzz.distance import LCSseq

from read_side.comparing.anchors import grams_once, once, some_once

SIDE = 1_024
"""Items of each side that are compared exactly, which costs their product: 0.3 ms. Longer rows are cut."""

_STEP = SIDE // 2

_LITTLE = 8
"""Part of both rows that is too little to have been worth the comparison."""

_COARSE = 4
"""Items of the shortest run that is told once the budget is spent."""

type _Cut = Callable[[str, str], list[tuple[int, int]]]


class Run(NamedTuple):
    """So many items are the same from here on in both."""

    old: int
    new: int
    length: int


class Budget:
    """What may be spent on one pair of texts; past it the answer gets coarser, never wrong.

    Attributes:
        runs: how many may be told; then short ones are left out.
        vain: pairs of items that may be compared where little is common; then such places count as changed.
    """

    def __init__(self, runs: int = 30_000, vain: int = 40 * SIDE * SIDE) -> None:
        self.runs = runs
        self.vain = vain


def packed(old: Sequence[str], new: Sequence[str]) -> tuple[str, str]:
    """Return both rows with one character for each item, the same for the same: rows that C code can walk."""
    sign = {item: chr(n) for n, item in enumerate(dict.fromkeys(chain(old, new)))}
    return "".join(map(sign.__getitem__, old)), "".join(map(sign.__getitem__, new))


def runs(old: str, new: str, budget: Budget) -> list[Run]:
    """Return runs that both have, in order, none touching the next on both sides.

    A long pair is cut where something stands once in each: an item, else 32 in a row. What cannot be cut is
    compared through a window that slides over both.

    Args:
        old: packed items of the earlier text.
        new: those of the later one.
        budget: what may be spent; what is spent is taken off.
    """
    return list(_joined(_Search(old, new, budget).found))


def unique_runs(old: str, new: str) -> list[Run]:
    """Return such runs that begin both, end both, or hold an item that stands once in each, and no others."""
    start = common_start(old, new)
    end = common_end(old[start:], new[start:])
    old_end, new_end = len(old) - end, len(new) - end
    found = [Run(0, 0, start)]
    past_old = past_new = start
    for a, b in once(old[start:old_end], new[start:new_end]):
        i, j = a + start, b + start
        if i < past_old:
            continue
        first, last, shift = i, i + 1, j - i
        while first > past_old and first + shift > past_new and old[first - 1] == new[first + shift - 1]:
            first -= 1
        while last < old_end and last + shift < new_end and old[last] == new[last + shift]:
            last += 1
        found.append(Run(first, first + shift, last - first))
        past_old, past_new = last, last + shift
    found.append(Run(old_end, new_end, end))
    return list(_joined(found))


class _Search:
    """Looks for runs piece by piece, from the left to the right."""

    def __init__(self, old: str, new: str, budget: Budget) -> None:
        self._old = old
        self._new = new
        self._budget = budget
        self.found: list[Run] = []
        self._between(0, len(old), 0, len(new), (some_once, grams_once))

    def _between(self, i: int, i_end: int, j: int, j_end: int, cuts: tuple[_Cut, ...]) -> None:
        old, new = self._old[i:i_end], self._new[j:j_end]
        start = common_start(old, new)
        old, new = old[start:], new[start:]
        end = common_end(old, new)
        old, new = old[: len(old) - end], new[: len(new) - end]
        self._note(i, j, [Run(0, 0, start)])
        i, j = i + start, j + start
        if old and new:
            if len(old) * len(new) <= SIDE * SIDE:
                self._note(i, j, self._exact(old, new))
            elif cuts:
                cut, *later = cuts
                places = _spaced(cut(old, new))
                chosen = [(i, j), *((i + a, j + b) for a, b in places), (i + len(old), j + len(new))]
                for (a, b), (a_end, b_end) in pairwise(chosen):
                    self._between(a, a_end, b, b_end, tuple(later))
            else:
                self._slide(i, i + len(old), j, j + len(new))
        self._note(i_end - end, j_end - end, [Run(0, 0, end)])

    def _slide(self, i: int, i_end: int, j: int, j_end: int) -> None:
        """Compare what stands in a window, believe its first three quarters, and go on behind them."""
        believed = SIDE * 3 // 4
        while i < i_end and j < j_end:
            found = self._exact(self._old[i : min(i + SIDE, i_end)], self._new[j : min(j + SIDE, j_end)])
            if i_end - i <= SIDE and j_end - j <= SIDE:
                self._note(i, j, found)
                return
            kept = [
                Run(a, b, min(length, believed - max(a, b)))
                for a, b, length in found
                if a < believed and b < believed
            ]
            self._note(i, j, kept)
            a, b, length = kept[-1] if kept else Run(0, 0, 0)
            a, b = a + length, b + length
            if max(a, b) < _STEP:  # little is common: what follows is not either
                a, b = believed, believed
            i, j = i + a, j + b

    def _exact(self, old: str, new: str) -> list[Run]:
        """Return a longest common subsequence, as far as the budget reaches."""
        budget = self._budget
        if len(old) == len(new) == 1 or set(old).isdisjoint(new):
            return []
        if budget.vain < 0 and len(old) + len(new) > _STEP:
            return []
        found = [Run(*block) for block in LCSseq.opcodes(old, new).as_matching_blocks() if block.size]
        common = sum(run.length for run in found)
        if common < 2 * len(found) or _LITTLE * common < len(old) + len(new):
            budget.vain -= len(old) * len(new)
        if len(found) > budget.runs:
            found = [run for run in found if run.length >= _COARSE]
        budget.runs -= len(found)
        return found

    def _note(self, old: int, new: int, found: Sequence[Run]) -> None:
        self.found += [Run(old + a, new + b, length) for a, b, length in found]


def common_start(old: str, new: str) -> int:
    """Return how many items both begin with."""
    low, high = 0, min(len(old), len(new))
    while low < high:
        middle = (low + high + 1) // 2
        if old[low:middle] == new[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def common_end(old: str, new: str) -> int:
    """Return how many items both end with."""
    low, high = 0, min(len(old), len(new))
    while low < high:
        middle = (low + high + 1) // 2
        if old[len(old) - middle : len(old) - low] == new[len(new) - middle : len(new) - low]:
            low = middle
        else:
            high = middle - 1
    return low


def _spaced(places: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Leave out places that are too near to the one before."""
    i = j = 0
    for a, b in places:
        if a - i >= _STEP or b - j >= _STEP:
            yield a, b
            i, j = a, b


def _joined(found: Sequence[Run]) -> Iterator[Run]:
    held = Run(0, 0, 0)
    for run in found:
        if run.old == held.old + held.length and run.new == held.new + held.length:
            held = Run(held.old, held.new, held.length + run.length)
        elif run.length:
            if held.length:
                yield held
            held = run
    if held.length:
        yield held
