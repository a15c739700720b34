"""Judges a revision against what is published of the entries that it names, as the rules of its kind say."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from events.across import Content, Finding
from kit.errors import Problem
from write_side.aggregate import StreamClaim
from write_side.entry.kinds import AGGREGATES
from write_side.entry.work import EntryWork
from write_side.problem_types import OTHERS_CHANGED

MOST = 300
"""Entries that are read for one publication at the most: who follows a chain stops there."""


class Judgement(NamedTuple):
    """What becomes of a revision when it is compared with others."""

    findings: Sequence[Finding] = ()
    claims: Sequence[StreamClaim] = ()
    """The entries that were read: they must be as they were, or it has to be judged again."""


async def judge(work: EntryWork, content: Content) -> Judgement:
    """Return what is wrong with a revision, by what readers see of others now.

    Args:
        work: the command that is to publish it.
        content: of the revision.

    Raises:
        Problem: 503, when the log cannot be read.
    """
    rules, fields = work.aggregate.declared.across, work.aggregate.content.FIELDS
    known: dict[UUID, Content | None] = {}
    claims: list[StreamClaim] = []
    while len(known) < MOST:
        asked = (
            {one for rule in rules for one in rule.asks(fields, content, known)}
            - known.keys()
            - {work.stream}
        )
        if not asked:
            break
        for id_, (version, seen) in (await _read(work, sorted(asked)[: MOST - len(known)])).items():
            known[id_] = seen
            if version:
                claims.append(StreamClaim(id_, version, (), _just_now()))
    found = [one for rule in rules for one in rule.judge(work.stream, fields, content, known)]
    return Judgement(list(dict.fromkeys(found)), claims)


def told(findings: Sequence[Finding]) -> list[dict[str, str]]:
    """Return findings as places of a problem document or a receipt."""
    return [{"pointer": one.pointer, "detail": one.detail, "entry": str(one.entry)} for one in findings]


async def _read(work: EntryWork, ids: Sequence[UUID]) -> Mapping[UUID, tuple[int, Content | None]]:
    """Return the version of each entry, and what readers see of it; (0, None) where there is none."""
    last = await work.others.last_of(ids)
    kinds = {**AGGREGATES, work.aggregate.name: work.aggregate}
    read: dict[UUID, tuple[int, Any]] = {}
    for id_ in ids:
        kind = kinds.get(last[id_].type.partition(".")[0]) if id_ in last else None
        state = None if kind is None else await work.others.newest(kind, id_)
        if kind is None or state is None:
            read[id_] = 0, None
        elif state.pinned is None or state.pinned == state.revision:
            read[id_] = state.version, None if state.pinned is None else state.content
        else:
            earlier = await work.others.earlier(kind, id_, state.pinned)
            read[id_] = state.version, None if earlier is None else earlier.content
    return read


def _just_now() -> Problem:
    return Problem(OTHERS_CHANGED, headers={"Retry-After": "1"})
