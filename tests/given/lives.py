"""Random lives of random articles, decided by the real rules, and a way to put them into a log."""

import asyncio
import random
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import msgspec

from events.base import Event, Meta, Text
from events.codec import CODEC, Codec, Stored
from events.content.sources import Citation
from events.entry import entry_stream
from events.slug import SlugClaimed, slug_stream
from kit.errors import Problem
from kit.ids import named_id, new_id
from kit.log.wake import CHANNEL
from kit.postgres.connect import connect
from write_side.entry import lifecycle
from write_side.entry.kinds import AGGREGATES
from write_side.entry.state import State, evolve
from write_side.log.append import Append, Claim, NewEvent
from write_side.log.appender import Appender

ARTICLE = AGGREGATES["article"]

type Written = tuple[UUID, int, Event]
"""A stream, the version before, and the event that is added."""


def random_lives(seed: int, articles: int, steps: int) -> list[Written]:
    """Return what happens to some articles, interleaved; the same seed gives the same lives."""
    chance = random.Random(seed)  # noqa: S311 - repeatable, not secret
    states: dict[UUID, State] = {}
    written: list[Written] = []
    for number in range(articles):
        subject = named_id("lives", str(seed), str(number))
        stream = entry_stream("article", subject, "ru")
        slug = f"life-{seed}-{number}"
        content = ARTICLE.content(
            title=f"Статья {number}",
            summary="s",
            body=Text.of("начало"),
            sources=(Citation(title="t", url=""),),
        )
        created = ARTICLE.life.created(subject=subject, locale="ru", slug=slug, content=content)
        written.append((stream, 0, created))
        claimed = SlugClaimed(kind="article", locale="ru", slug=slug, owner=stream)
        written.append((slug_stream("article", "ru", slug), 0, claimed))
        states[stream] = evolve(None, created)
    for _ in range(steps):
        stream = chance.choice(list(states))
        for event in _decide(chance, states[stream]):
            written.append((stream, states[stream].version, event))
            states[stream] = evolve(states[stream], event)
    return written


def _decide(chance: random.Random, state: State) -> list[Event]:
    body = {"body": msgspec.to_builtins(Text.of(_text(chance)))}
    wishes: list[Any] = [
        lambda: lifecycle.revise(ARTICLE, state, {"title": f"Имя {chance.randrange(5)}"}),
        lambda: lifecycle.revise(ARTICLE, state, body),
        lambda: lifecycle.submit(ARTICLE, state),
        lambda: lifecycle.withdraw(ARTICLE, state),
        lambda: lifecycle.give_back(ARTICLE, state, "нет"),
        lambda: lifecycle.publish(
            ARTICLE, state, chance.randint(1, state.revision), state.content, force=True, reason="так"
        ),
        lambda: lifecycle.unpublish(ARTICLE, state),
        lambda: lifecycle.archive(ARTICLE, state),
        lambda: lifecycle.restore(ARTICLE, state),
    ]
    try:
        decided: list[Event] = chance.choice(wishes)()
    except Problem:
        return []
    return decided


def _text(chance: random.Random) -> str:
    """Return a short text, or a long one that has most of its lines in common with others of them."""
    if chance.random() < 0.2:
        return f"текст {chance.random()}"
    lines = [f"{number}. {'Первый полёт, второй полёт. ' * 10}" for number in range(chance.randint(6, 16))]
    for number, line in enumerate(lines):
        if chance.random() < 0.2:
            lines[number] = line.replace("второй", f"{chance.random()}", 1)
    return "\n".join(lines)


def claims(written: Iterable[Written], codec: Codec = CODEC) -> list[Append]:
    """Return one append for each event, by one of three actors."""
    appends = []
    for number, (stream, before, event) in enumerate(written):
        meta = codec.encode_meta(Meta(actor=named_id("actor", str(number % 3)), command=new_id()))
        appends.append(Append((Claim(stream, before, (NewEvent(new_id(), codec.encode(event), meta),)),)))
    return appends


async def store(dsn: str, written: Sequence[Written], codec: Codec = CODEC) -> None:
    """Put events into a log, one append each, in this order."""
    async with Appender(dsn) as appender:
        for append in claims(written, codec):
            await appender.append(append)


async def notify(dsn: str, said: str) -> None:
    """Tell readers how far the log has come, as a process that appends does."""
    connection = await connect(dsn, "test")
    await connection.execute("select pg_notify($1, $2)", CHANNEL, said)
    await connection.close()


async def store_streams(appender: Appender, written: Sequence[Written], codec: Codec = CODEC) -> None:
    """Put events into a log, the streams side by side and the events of each in this order."""
    streams: dict[UUID, list[Append]] = {}
    for (stream, _, _), append in zip(written, claims(written, codec), strict=True):
        streams.setdefault(stream, []).append(append)

    room = asyncio.Semaphore(200)  # more than some hundreds are refused

    async def one_by_one(appends: list[Append]) -> None:
        for append in appends:
            async with room:
                await appender.append(append)

    await asyncio.gather(*(one_by_one(appends) for appends in streams.values()))


ARCHIVED = Stored("article.archived", 1, b"{}")
UNREADABLE = Stored("article.revised", 99, b"{}")


async def store_behind(dsn: str, lives: Sequence[Written], number: int, *more: Stored) -> UUID:
    """Put events, readable or not, behind lives that a log holds.

    Args:
        dsn: address of the log.
        lives: what it holds.
        number: the place among them of an event of the stream that is meant.
        more: the events.

    Returns:
        The stream.
    """
    stream = lives[number][0]
    before = sum(1 for one, _, _ in lives if one == stream)
    for version, stored in enumerate(more, before):
        await store_raw(dsn, stream, version, stored)
    return stream


async def store_raw(dsn: str, stream: UUID, before: int, stored: Stored) -> None:
    """Put a stored event into a log as it is, readable or not."""
    meta = CODEC.encode_meta(Meta(actor=named_id("actor"), command=new_id()))
    async with Appender(dsn) as appender:
        await appender.append(Append((Claim(stream, before, (NewEvent(new_id(), stored, meta),)),)))
