"""Where two rows of items may be cut: at what stands once in each."""

import re
from bisect import bisect_left
from collections import Counter

_ENOUGH = 8_000
"""Items that stand once in each of which about so many are looked at."""

_GRAM = 32

_COMMON = 16
"""Part of a row from which on an item is too common to begin rows of 32 with it alone."""


def once(old: str, new: str) -> list[tuple[int, int]]:
    """Return places of items that stand once in each, a longest row of those in the same order in both."""
    return _longest_rising(_pairs(old, new))


def some_once(old: str, new: str) -> list[tuple[int, int]]:
    """Return the same of some thousands of such items: enough to cut at."""
    return _longest_rising(_pairs(old, new, enough=_ENOUGH))


def _pairs(old: str, new: str, *, enough: int = 1_000_000) -> list[tuple[int, int]]:
    in_old, in_new = Counter(old), Counter(new)
    every = len(in_old) // enough + 1
    single = {
        item
        for item, count in in_old.items()
        if count == 1 and not ord(item) % every and in_new.get(item) == 1
    }
    if not single:
        return []
    place = {item: j for j, item in enumerate(new) if item in single}
    return [(i, place[item]) for i, item in enumerate(old) if item in single]


def grams_once(old: str, new: str) -> list[tuple[int, int]]:
    """Return the same of rows of 32 items that begin with the rarest item of both, or the two rarest."""
    in_new = set(new)
    rare = sorted((count, item) for item, count in Counter(old).items() if item in in_new)[:2]
    if not rare or rare[0][0] > len(old) // 2:
        return []
    begin = "".join(item for _, item in rare[: 2 if rare[0][0] > len(old) // _COMMON else 1])
    gram = re.compile(f"(?s)(?=({re.escape(begin)}.{{{_GRAM - len(begin)}}}))")
    one, other = ([(found[1], found.start()) for found in gram.finditer(row)] for row in (old, new))
    in_one, in_other = Counter(text for text, _ in one), Counter(text for text, _ in other)
    place = {text: j for text, j in other if in_other[text] == 1}
    return _longest_rising([(i, place[text]) for text, i in one if in_one[text] == 1 and text in place])


def _longest_rising(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return a longest row of pairs whose second numbers rise; the first ones do."""
    ends: list[int] = []  # the smallest second number with which a row of each length can end
    last: list[int] = [-1]  # and the pair with which it does
    before: list[int] = []
    for number, (_, j) in enumerate(pairs):
        length = bisect_left(ends, j)
        if length == len(ends):
            ends.append(j)
            last.append(number)
        else:
            ends[length] = j
            last[length + 1] = number
        before.append(last[length])
    row = []
    number = last[-1]
    while number >= 0:
        row.append(pairs[number])
        number = before[number]
    row.reverse()
    return row
