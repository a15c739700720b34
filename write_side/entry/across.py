"""Judges a revision against what is published of entries that it names, and of those that name it."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from events.across import Across, Content, Finding
from events.content.items import kinds_in
from kit.errors import Problem
from write_side.aggregate import StreamClaim
from write_side.entry.kind import EntryKind
from write_side.entry.kinds import AGGREGATES
from write_side.entry.state import State
from write_side.entry.work import EntryWork
from write_side.problem_types import OTHERS_CHANGED

MOST = 300
"""Entries that are read for one publication at the most: who follows a chain stops there."""


class Judgement(NamedTuple):
    """What becomes of a revision when it is compared with others."""

    findings: Sequence[Finding] = ()
    claims: Sequence[StreamClaim] = ()
    """The entries that were read: they must be as they were, or it has to be judged again."""


async def judge(work: EntryWork, state: State, content: Content) -> Judgement:
    """Return what is wrong with a revision, by what readers see of others now.

    Args:
        work: the command that is to publish it.
        state: the entry.
        content: of the revision.

    Raises:
        Problem: 503, when the log cannot be read.
    """
    named, naming = await _by_named(work, content), await _by_naming(work, state, content)
    found = dict.fromkeys((*named.findings, *naming.findings))
    return Judgement(list(found), list({one.stream: one for one in (*named.claims, *naming.claims)}.values()))


def judged_with_others(kind: EntryKind) -> bool:
    """Tell whether publications of a kind are compared with other entries."""
    return bool(kind.declared.across or _rules_about(kind))


async def _by_named(work: EntryWork, content: Content) -> Judgement:
    """Judge a revision by the entries that it names, directly or through others."""
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
        for id_, one in (await _read(work, sorted(asked)[: MOST - len(known)])).items():
            known[id_] = one.content
            claims += one.claims(id_)
    return Judgement(
        [one for rule in rules for one in rule.judge(work.stream, fields, content, known)], claims
    )


async def _by_naming(work: EntryWork, state: State, content: Content) -> Judgement:
    """Judge a revision by published entries that name it, where it says otherwise than readers saw."""
    about = _rules_about(work.aggregate)
    if not about or work.namers is None:
        return Judgement()
    before = await _seen(work, work.aggregate, work.stream, state)
    compared = {field for rules in about.values() for rule in rules for field in rule.reads()[1]}
    if before is not None and all(before.get(one) == content.get(one) for one in compared):
        return Judgement()
    if all(content.get(one) is None for one in compared):
        return Judgement()
    try:
        head: int = await work.others.head()
        ids = await work.namers(work.stream, list(about), head, MOST)
    except Problem as problem:
        if problem.status < 500:  # noqa: PLR2004 - it is the question that is wrong
            raise
        told = "is not compared with published entries that name this one: they cannot be asked for now"
        return Judgement([Finding("", work.stream, told, warning=True)])
    known = {work.stream: content}
    findings: list[Finding] = []
    claims: list[StreamClaim] = []
    for id_, one in (await _read(work, sorted(set(ids) - {work.stream}))).items():
        claims += one.claims(id_)
        if one.kind is None or one.content is None:
            continue
        fields = one.kind.content.FIELDS
        for rule in about.get(one.kind.name, ()):
            findings += [each.turned(id_) for each in rule.judge(id_, fields, one.content, known)]
    return Judgement(findings, claims)


def _rules_about(kind: EntryKind) -> Mapping[str, Sequence[Across]]:
    """Return the rules of all kinds that compare something with entries of a kind, by the kind that names."""
    found: dict[str, list[Across]] = {}
    for one in {**AGGREGATES, kind.name: kind}.values():
        for rule in one.declared.across:
            field, compared = rule.reads()
            there = kind.content.FIELDS.keys() & set(compared)
            if there and kind.name in kinds_in(one.content.FIELDS[field]):
                found.setdefault(one.name, []).append(rule)
    return found


def told(findings: Sequence[Finding]) -> list[dict[str, str]]:
    """Return findings as places of a problem document or a receipt."""
    return [{"pointer": one.pointer, "detail": one.detail, "entry": str(one.entry)} for one in findings]


class Other(NamedTuple):
    """Another entry that was read."""

    kind: EntryKind | None = None
    version: int = 0
    content: Content | None = None
    """What readers see of it; None: nothing."""

    def claims(self, id_: UUID) -> Sequence[StreamClaim]:
        """Return that it must be as it was; nothing where it is not there."""
        return [StreamClaim(id_, self.version, (), _just_now())] if self.version else []


async def _read(work: EntryWork, ids: Sequence[UUID]) -> Mapping[UUID, Other]:
    """Read some entries, and what readers see of each."""
    last = await work.others.last_of(ids)
    kinds = {**AGGREGATES, work.aggregate.name: work.aggregate}
    read: dict[UUID, Other] = {}
    for id_ in ids:
        kind = kinds.get(last[id_].type.partition(".")[0]) if id_ in last else None
        state = None if kind is None else await work.others.newest(kind, id_)
        if kind is None or state is None:
            read[id_] = Other()
        else:
            read[id_] = Other(kind, state.version, await _seen(work, kind, id_, state))
    return read


async def _seen(work: EntryWork, kind: EntryKind, id_: UUID, state: State) -> Content | None:
    """Return what readers see of an entry."""
    if state.pinned is None or state.pinned == state.revision:
        return None if state.pinned is None else state.content
    earlier = await work.others.earlier(kind, id_, state.pinned)
    return None if earlier is None else earlier.content


def _just_now() -> Problem:
    return Problem(OTHERS_CHANGED, headers={"Retry-After": "1"})
