"""Synthetic articles: many, with revisions spread by Zipf's law, made at the speed of the log."""

import asyncio
import random
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from typing import NamedTuple
from uuid import UUID

from events.base import Event, Locale, Meta, Text
from events.codec import CODEC
from events.content.sources import Citation
from events.entry import entry_stream
from events.slug import SlugClaimed, slug_stream
from kit.errors import Problem
from kit.ids import named_id, new_id
from scripts.cli.bars import bars
from write_side.bus import Bus
from write_side.entry import lifecycle
from write_side.entry.kind import EntryKind
from write_side.entry.kinds import AGGREGATES
from write_side.entry.state import State, evolve
from write_side.history import SNAPSHOT_EVERY, keep
from write_side.log.append import Append, Claim, NewEvent

ARTICLE = AGGREGATES["article"]

WRITERS = 64
CHUNK = 64
"""Events of one article that are appended at a time."""

ACTORS = [named_id("synthetic", str(one)) for one in range(20)]
SKEW = 1.1
"""Exponent of Zipf's law: few articles have most of the revisions."""

WORDS = """
wing spar rib fuselage engine nacelle propeller rudder elevator aileron undercarriage cockpit cowling
flight altitude range speed payload crew test airfield hangar prototype series factory drawing bureau
designer pilot navigator record route ocean winter repair radio fuel oil metal wood fabric rivet
""".split()  # noqa: SIM905 - a list of words reads best as words


class Lived(NamedTuple):
    """One event of a life, and what the article is after it."""

    stream: UUID
    event: NewEvent
    state: State


def counts(articles: int, revisions: int, skew: float = SKEW) -> list[int]:
    """Return how many revisions each article gets: at least 1, and articles times revisions in all, about."""
    weights = [1 / rank**skew for rank in range(1, articles + 1)]
    share = articles * max(revisions - 1, 0) / sum(weights)
    return [1 + round(weight * share) for weight in weights]


async def synthesize(running: Bus, articles: int, revisions: int) -> None:
    """Make articles by the rules of commands: each is created, revised, submitted and published.

    What commands would load is known here, so lives are decided in memory and appended many events at a time.
    """
    todo = iter(enumerate(counts(articles, revisions)))
    run = new_id().hex[-12:]
    done = 0
    with bars() as told:

        async def writer() -> None:
            nonlocal done
            for number, count in todo:
                await _store(running, _life(run, number, count))
                done += 1
                told("synthetic", done, articles)

        await asyncio.gather(*(writer() for _ in range(WRITERS)))


async def _store(running: Bus, life: Iterator[Lived]) -> None:
    """Append a life, chunk by chunk; the slug is claimed with the first."""
    version = 0
    while chunk := list(islice(life, CHUNK)):
        stream, state = chunk[-1].stream, chunk[-1].state
        claims = [Claim(stream, version, tuple(one.event for one in chunk))]
        if not version:
            claim = SlugClaimed(kind=ARTICLE.name, locale=state.locale, slug=state.slug, owner=stream)
            place = slug_stream(ARTICLE.name, state.locale, state.slug)
            claims.append(Claim(place, 0, (_new(claim, chunk[0].event.meta),)))
        await _append(running, Append(tuple(claims)))
        version = state.version
    if version >= SNAPSHOT_EVERY:
        with suppress(Problem):  # a snapshot only saves time
            await keep(running.streams, ARTICLE, stream, state)


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


def _life(run: str, number: int, count: int) -> Iterator[Lived]:
    """Yield what happens to an article, decided by the rules of its kind."""
    chance = random.Random(f"{run}{number}")  # noqa: S311 - a sample, not a secret
    texts = _texts(chance)
    locale: Locale = chance.choice(("ru", "en"))
    subject = new_id()
    stream = entry_stream(ARTICLE.name, subject, locale)
    content = ARTICLE.content(
        title=f"Synthetic {run} {number}",
        summary=" ".join(chance.choices(WORDS, k=20)),
        body=Text.of(next(texts)),
        sources=(Citation(title="A made-up source", url=""),),
        tags=tuple(chance.sample(WORDS, k=3)),
        category=chance.choice(WORDS),
    )
    slug = f"synthetic-{run}-{number}"
    event: Event = ARTICLE.life.created(subject=subject, locale=locale, slug=slug, content=content)
    state = evolve(None, event)
    yield Lived(stream, _new(event, _meta(chance)), state)
    for _ in range(count - 1):
        body = Text.of(next(texts))
        for event in lifecycle.revise(ARTICLE, state, {"body": {"text": body.text, "sha256": body.sha256}}):
            state = evolve(state, event)
            yield Lived(stream, _new(event, _meta(chance)), state)
    for decide in (lifecycle.submit, _publish):
        for event in decide(ARTICLE, state):
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


def _texts(chance: random.Random) -> Iterator[str]:
    """Yield bodies of about 1 kB, each a little different from the one before."""
    words = chance.choices(WORDS, k=150)
    while True:
        yield " ".join(words)
        words[chance.randrange(len(words))] = f"{chance.choice(WORDS)}{chance.randrange(1000)}"
