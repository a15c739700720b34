"""What changed between two texts, word by word."""

import re
from collections.abc import Iterator, Sequence
from itertools import accumulate, chain
from typing import Literal

from read_side.comparing.matching import Budget, Run, common_end, common_start, packed, runs, unique_runs
from read_side.comparing.pieces import lines, words

type Sign = Literal["=", "-", "+"]
type Op = tuple[Sign, str]
"""A piece of text that stayed, went or came."""

type _Step = tuple[str, str, str]
"""What went, what came in its place, and what stayed behind it."""

_BLOCKS, _BLOCK = 1_000, 4_000
"""From so many blocks of changed lines on, they are put together to blocks of at least so many characters."""

_LONE = re.compile(r"\w*[^\S\r\n]*").fullmatch
_DROWNED = 4
"""A lone word that stayed counts as changed between two changes so many times as long as itself."""


def _steps(ops: Sequence[Op]) -> list[_Step]:
    steps: list[_Step] = []
    went = came = ""
    for sign, text in ops:
        if sign == "=":
            steps.append((went, came, text))
            went = came = ""
        elif sign == "-":
            went = text
        else:
            came = text
    return [*steps, (went, came, "")]


def back(ops: Sequence[Op]) -> list[Op]:
    """Return the pieces of the way back."""
    return list(_told([(came, went, same) for went, came, same in _steps(ops)]))


def text_ops(before: str, after: str) -> list[Op]:
    """Return how one text becomes another, word by word; neighbouring pieces of one sign are joined.

    It takes time linear in the texts, and pieces begin and end where signs (UAX 29) do. Lines that stand once
    in each text are found first; words are compared between them.
    """
    start, end = ends(before, after)
    old, new = before[start : len(before) - end], after[start : len(after) - end]
    steps = [("", "", before[:start]), *_by_lines(old, new), ("", "", before[len(before) - end :])]
    return list(_told(steps))


def ends(before: str, after: str) -> tuple[int, int]:
    """Return how long the whole lines are that both begin with, and those that both end with."""
    start = before.rfind("\n", 0, common_start(before, after)) + 1
    old, new = before[start:], after[start:]
    same = common_end(old, new)
    if same == len(old) == len(new):
        return len(before), 0
    end = old.find("\n", len(old) - same) + 1
    return start, len(old) - end if end else 0


def _by_lines(before: str, after: str) -> Iterator[_Step]:
    old, new = lines(before), lines(after)
    found = unique_runs(*packed(old, new))
    at_old, at_new = _starts(old), _starts(new)
    least = 0 if len(found) <= _BLOCKS else _BLOCK
    budget = Budget()
    held: list[_Step] = []  # lines whose words are compared together
    i = j = begin_old = begin_new = 0
    for run in [*found, Run(len(old), len(new), 0)]:
        a, b = at_old[run.old], at_new[run.new]
        end = at_old[run.old + run.length]
        same = before[a:end]
        held.append((before[i:a], after[j:b], same))
        i, j = end, b + len(same)
        if run.length and i - begin_old + j - begin_new < least:
            continue
        if budget.runs > 0:
            yield from _by_words(before[begin_old:a], after[begin_new:b], budget)
            yield "", "", same
        else:
            yield from held
        held, begin_old, begin_new = [], i, j


def _by_words(before: str, after: str, budget: Budget) -> Iterator[_Step]:
    if not before or not after:
        yield before, after, ""
        return
    old, new = words(before), words(after)
    at_old, at_new = _starts(old), _starts(new)
    signs_alone = len(old) == len(before) and len(new) == len(after)
    found = runs(*((before, after) if signs_alone else packed(old, new)), budget)
    i = j = 0
    for run in found:
        a, b, end = at_old[run.old], at_new[run.new], at_old[run.old + run.length]
        yield before[i:a], after[j:b], before[a:end]
        i, j = end, b + end - a
    yield before[i:], after[j:], ""


def _starts(pieces: Sequence[str]) -> list[int]:
    """Return where each piece begins in the text, and where the last one ends."""
    return list(accumulate(map(len, pieces), initial=0))


def _told(steps: Sequence[_Step]) -> Iterator[Op]:
    """Join what belongs together; a word that stayed by chance in much that changed counts as changed."""
    gone: list[str] = []
    come: list[str] = []
    following = chain((max(len(went), len(came)) for went, came, _ in steps[1:]), (0,))
    kept: list[str] = []
    for (went, came, same), after in zip(steps, following, strict=True):
        if kept and (went or came):
            yield "=", "".join(kept)
            kept = []
        gone.append(went)
        come.append(came)
        if same and min(max(len(went), len(came)), after) >= _DROWNED * len(same) and _LONE(same):
            gone.append(same)
            come.append(same)
        elif same:
            yield from _changed(gone, come)
            gone, come = [], []
            kept.append(same)
    if kept:
        yield "=", "".join(kept)
    yield from _changed(gone, come)


def _changed(gone: Sequence[str], come: Sequence[str]) -> Iterator[Op]:
    went, came = "".join(gone), "".join(come)
    if went:
        yield "-", went
    if came:
        yield "+", came
