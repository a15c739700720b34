"""What changed between two revisions, field by field: texts by words, lists by items."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, Literal

from read_side.entry.matching import parts

type Sign = Literal["=", "-", "+"]
type Op = tuple[Sign, str]
"""A piece of text that stayed, went or came."""

_WORD = re.compile(r"[\w\u0300-\u036f\u0483-\u0489]+\s*|[^\w\s]\s*|\s+")
"""A word or a sign with the white space after it, so that the pieces together are the whole text."""

_BUDGET = 3_000_000
"""Pieces, and pairs of equal ones, looked at for one answer: about 0.2 s. Past it the pieces get coarser."""


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what differs, in the order of the fields of `after`.

    Texts come as `ops`: pieces that stayed ("="), went ("-") or came ("+"); those that stayed or went make
    the earlier text, those that stayed or came the later one. Lists come as items `added` and `removed`, or
    as `reordered`. Anything else comes as `before` and `after`.
    """
    names = dict.fromkeys([*after, *before])
    return [
        {"field": name} | _change(before.get(name), after.get(name))
        for name in names
        if before.get(name) != after.get(name)
    ]


def _change(before: Any, after: Any) -> dict[str, Any]:
    if isinstance(before, str) and isinstance(after, str):
        return {"ops": text_ops(before, after)}
    if isinstance(before, list) and isinstance(after, list):
        added, removed = _less(after, before), _less(before, after)
        return {"added": added, "removed": removed, "reordered": not added and not removed}
    return {"before": before, "after": after}


def _less(items: Sequence[Any], others: Sequence[Any]) -> list[Any]:
    """Return the items that `others` does not have, as often as it does not have them."""
    rest = list(others)
    left = []
    for item in items:
        if item in rest:
            rest.remove(item)
        else:
            left.append(item)
    return left


def text_ops(before: str, after: str) -> list[Op]:
    """Return how one text becomes another, word by word; neighbouring pieces of one sign are joined."""
    pieces = _ops(before, after, (_WORD.findall, _lines), [_BUDGET])
    return [op for op in _joined(pieces) if op[1]]


def _lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)


def _ops(
    before: str, after: str, splits: tuple[Callable[[str], list[str]], ...], budget: list[int]
) -> Iterator[Op]:
    """Compare in the finest pieces that the budget allows; inside lines that differ, try words again."""
    for split in splits:
        old, new = split(before), split(after)
        start = _common(old, new)
        end = _common(old[start:][::-1], new[start:][::-1])
        cut_old, cut_new = old[start : len(old) - end], new[start : len(new) - end]
        left = budget[0]
        found = parts(cut_old, cut_new, budget)
        if found is not None:
            break
        budget[0] = left // 2  # what was tried in vain has cost something too
    else:
        yield "-", before
        yield "+", after
        return
    yield "=", "".join(old[:start])
    for tag, i1, i2, j1, j2 in found:
        gone, come = "".join(cut_old[i1:i2]), "".join(cut_new[j1:j2])
        if tag == "equal":
            yield "=", gone
        elif tag == "replace" and split is _lines:
            yield from _ops(gone, come, (_WORD.findall,), budget)
        else:
            yield "-", gone
            yield "+", come
    yield "=", "".join(old[len(old) - end :])


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    """Return how many pieces both begin with."""
    count = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        count += 1
    return count


def _joined(pieces: Iterator[Op]) -> Iterator[Op]:
    """Join pieces of one sign; between two that stayed, what went comes before what came."""
    for stayed, group in groupby(pieces, key=lambda op: op[0] == "="):
        run = list(group)
        signs: tuple[Sign, ...] = ("=",) if stayed else ("-", "+")
        for sign in signs:
            yield sign, "".join(text for one, text in run if one == sign)
