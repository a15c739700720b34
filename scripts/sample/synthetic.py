"""Synthetic entries: many, of every kind, revisions spread by Zipf's law, made at the speed of the log."""

import asyncio
import random
from collections.abc import Iterator, Mapping
from contextlib import suppress
from itertools import islice
from typing import NamedTuple
from uuid import UUID

import msgspec

from events.base import Event, Locale, Meta
from events.codec import CODEC
from events.entry import entry_stream, identified_stream
from events.slug import SlugClaimed, slug_stream
from kit.errors import Problem
from kit.ids import named_id, new_id
from scripts.cli.bars import bars
from scripts.sample.made_up import WORDS, changing, made_up, terms_said, worded
from scripts.sample.terms import ensure_terms
from write_side.bus import Bus
from write_side.entry import lifecycle
from write_side.entry.kind import EntryKind
from write_side.entry.kinds import AGGREGATES
from write_side.entry.state import State, evolve
from write_side.history import SNAPSHOT_EVERY, keep
from write_side.log.append import Append, Claim, NewEvent

WRITERS = 64
CHUNK = 64
"""Events of one entry that are appended at a time."""

ACTORS = [named_id("synthetic", str(one)) for one in range(20)]
SKEW = 1.1
"""Exponent of Zipf's law: few entries have most of the revisions."""


_LOCALES: tuple[Locale, ...] = ("ru", "en")


class Lived(NamedTuple):
    """One event of a life, and what the entry is after it."""

    stream: UUID
    event: NewEvent
    state: State


def counts(entries: int, revisions: int, skew: float = SKEW) -> list[int]:
    """Return how many revisions each entry gets: at least 1, and entries times revisions in all, about."""
    weights = [1 / rank**skew for rank in range(1, entries + 1)]
    share = entries * max(revisions - 1, 0) / sum(weights)
    return [1 + round(weight * share) for weight in weights]


async def synthesize(running: Bus, entries: int, revisions: int) -> None:
    """Make entries of each kind in turn by the rules of commands: created, revised, submitted, published.

    What commands would load is known here, so lives are decided in memory and appended many events at a time.
    What names other entries names one that is there already, where there is one; terms are made first.

    Args:
        running: appends them.
        entries: how many, of all kinds together.
        revisions: of each on average.
    """
    todo = iter(enumerate(counts(entries, revisions)))
    kinds = list(AGGREGATES.values())
    await ensure_terms(running, terms_said(kind.declared for kind in kinds))
    run = new_id().hex[-12:]
    known: dict[str, UUID] = {}
    done = 0
    with bars() as told:

        async def writer() -> None:
            nonlocal done
            for number, count in todo:
                kind = kinds[number % len(kinds)]
                known[kind.name] = await _store(running, kind, _life(kind, run, number, count, known))
                done += 1
                told("synthetic", done, entries)

        await asyncio.gather(*(writer() for _ in range(WRITERS)))


async def _store(running: Bus, kind: EntryKind, life: Iterator[Lived]) -> UUID:
    """Append a life, chunk by chunk; the slug is claimed with the first. Return the entry's id."""
    version = 0
    while chunk := list(islice(life, CHUNK)):
        stream, state = chunk[-1].stream, chunk[-1].state
        claims = [Claim(stream, version, tuple(one.event for one in chunk))]
        if not version:
            claim = SlugClaimed(kind=kind.name, locale=state.locale, slug=state.slug, owner=stream)
            place = slug_stream(kind.name, state.locale, state.slug)
            claims.append(Claim(place, 0, (_new(claim, chunk[0].event.meta),)))
        await _append(running, Append(tuple(claims)))
        version = state.version
    if version >= SNAPSHOT_EVERY:
        with suppress(Problem):  # a snapshot only saves time
            await keep(running.streams, kind, stream, state)
    return stream


async def _append(running: Bus, wanted: Append) -> None:
    """Append, and again when the log could not say whether it did: the ids tell it that it has them."""
    while True:
        try:
            await running.appender.append(wanted)
        except Problem as problem:
            if problem.status != 503:  # noqa: PLR2004
                raise
        else:
            return


def _life(kind: EntryKind, run: str, number: int, count: int, known: Mapping[str, UUID]) -> Iterator[Lived]:
    """Yield what happens to an entry, decided by the rules of its kind."""
    chance = random.Random(f"{run}{number}")  # noqa: S311 - a sample, not a secret
    title = f"Synthetic {run} {number}"
    said = made_up(kind.declared, title, chance, known)
    changes = changing(kind.declared)
    news = _texts(chance, title if changes.name == "title" else said[changes.name])
    content = msgspec.convert(kind.declared.kept({}, said), kind.content)
    stream, beside = new_id(), {}
    if kind.declared.identity:
        stream = identified_stream(kind.name, kind.declared.identity_of(content))
    if kind.declared.localized:
        subject, locale = new_id(), chance.choice(_LOCALES)
        stream, beside = entry_stream(kind.name, subject, locale), {"subject": subject, "locale": locale}
    event: Event = kind.life.created(slug=f"synthetic-{run}-{number}", content=content, **beside)
    state = evolve(None, event)
    yield Lived(stream, _new(event, _meta(chance)), state)
    for _ in range(count - 1):
        new = {changes.name: worded(changes, next(news))}
        for event in lifecycle.revise(kind, state, kind.declared.kept(state.content, new)):
            state = evolve(state, event)
            yield Lived(stream, _new(event, _meta(chance)), state)
    for decide in (lifecycle.submit, _publish):
        for event in decide(kind, state):
            state = evolve(state, event)
            yield Lived(stream, _new(event, _meta(chance)), state)


def _publish(kind: EntryKind, state: State) -> list[Event]:
    return lifecycle.publish(kind, state, state.revision, state.content, force=False, reason="synthetic")


def _new(event: Event, meta: bytes) -> NewEvent:
    return NewEvent(new_id(), CODEC.encode(event), meta)


def _meta(chance: random.Random) -> bytes:
    """Return the metadata of a command by one of the accounts that write."""
    actor = chance.choice(ACTORS)
    return CODEC.encode_meta(Meta(actor=actor, command=new_id(), client="import", reason="synthetic"))


def _texts(chance: random.Random, text: str) -> Iterator[str]:
    """Yield texts, each a little different from the one before."""
    words = text.split(" ")
    while True:
        words[chance.randrange(len(words))] = f"{chance.choice(WORDS)}{chance.randrange(1000)}"
        yield " ".join(words)
