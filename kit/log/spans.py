"""Sets of positions as spans of them: what is there, what is not, and both. Pure."""

from collections.abc import Sequence

type Spans = tuple[tuple[int, int], ...]
"""(first, last) of each span, in order, none touching another."""

MOST = 100
"""Spans of a set that is kept; beyond that the first and the last become one."""


def merged(spans: Sequence[tuple[int, int]]) -> Spans:
    """Return spans in order, those that touch or overlap as one."""
    found: list[tuple[int, int]] = []
    for first, last in sorted(spans):
        if first > last:
            continue
        if found and first <= found[-1][1] + 1:
            found[-1] = found[-1][0], max(last, found[-1][1])
        else:
            found.append((first, last))
    return tuple(found)


def without(spans: Spans, first: int, last: int) -> Spans:
    """Return the spans without the positions from first to last."""
    found = []
    for begin, end in spans:
        found += [(begin, min(end, first - 1)), (max(begin, last + 1), end)]
    return merged(found)


def common(some: Spans, others: Spans) -> Spans:
    """Return the positions that stand in both."""
    return merged([(max(a, c), min(b, d)) for a, b in some for c, d in others])


def bounded(spans: Spans) -> Spans:
    """Return the spans, or one around all of them when there are very many."""
    return spans if len(spans) <= MOST else ((spans[0][0], spans[-1][1]),)


def count(spans: Spans) -> int:
    """Return how many positions there are."""
    return sum(last - first + 1 for first, last in spans)
