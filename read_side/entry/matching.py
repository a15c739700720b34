"""The runs that two sequences share, found within a budget: no pair of texts takes a process for long."""

from collections import Counter
from collections.abc import Sequence
from itertools import accumulate
from typing import Literal, NamedTuple

from cydifflib import SequenceMatcher

type Tag = Literal["equal", "replace", "delete", "insert"]

POPULAR_FROM = 200
"""Items of the later sequence from which the matcher leaves out those that make up more than a hundredth."""


class Run(NamedTuple):
    """So many items are the same from here on in both."""

    old: int
    new: int
    length: int


class Part(NamedTuple):
    """What becomes of old[old_from:old_to]: it is, or is replaced by, new[new_from:new_to]."""

    tag: Tag
    old_from: int
    old_to: int
    new_from: int
    new_to: int


def parts(old: Sequence[str], new: Sequence[str], budget: list[int]) -> list[Part] | None:
    """Return how one sequence becomes the other; None when the budget does not reach.

    The longest common run is looked for first, then what is before it and behind it, as `difflib` does. Each
    look costs the items that it walks and the pairs of equal items among them. `difflib` bounds neither: when
    all runs are short, it walks the rest once for each of them.

    Args:
        old: items of the earlier text.
        new: items of the later one.
        budget: one number: what may be spent; what is spent is taken off.
    """
    known = Counter(new)
    limit = len(new) // 100 + 1 if len(new) >= POPULAR_FROM else len(new)
    price = [0, *accumulate(1 + (known[item] if known[item] <= limit else 0) for item in old)]
    matcher = SequenceMatcher(None, old, new)
    found: list[Run] = []
    waiting = [(0, len(old), 0, len(new))]
    while waiting:
        old_from, old_to, new_from, new_to = waiting.pop()
        budget[0] -= price[old_to] - price[old_from]
        if budget[0] < 0:
            return None
        run = Run(*matcher.find_longest_match(old_from, old_to, new_from, new_to))
        if not run.length:
            continue
        found.append(run)
        old_end, new_end = run.old + run.length, run.new + run.length
        if old_from < run.old and new_from < run.new:
            waiting.append((old_from, run.old, new_from, run.new))
        if old_end < old_to and new_end < new_to:
            waiting.append((old_end, old_to, new_end, new_to))
    return _between(sorted(found), len(old), len(new))


def _between(runs: list[Run], old_length: int, new_length: int) -> list[Part]:
    """Turn runs into parts that cover both sequences; runs that touch become one."""
    result: list[Part] = []
    i = j = 0
    for old, new, length in [*runs, Run(old_length, new_length, 0)]:
        if i < old or j < new:
            tag: Tag = "replace" if i < old and j < new else "delete" if i < old else "insert"
            result.append(Part(tag, i, old, j, new))
        if length and result and result[-1].tag == "equal":
            last = result.pop()
            result.append(Part("equal", last.old_from, old + length, last.new_from, new + length))
        elif length:
            result.append(Part("equal", old, old + length, new, new + length))
        i, j = old + length, new + length
    return result
