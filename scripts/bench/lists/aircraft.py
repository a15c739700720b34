"""Aircraft for a measurement, and the entries that they name, published at the speed of the log."""

import asyncio
import random
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec

from events.base import Meta
from events.codec import CODEC
from events.slug import SlugClaimed, slug_stream
from kit.ids import new_id
from scripts.sample.made_up import made_up
from write_side.bus import Bus
from write_side.entry import lifecycle
from write_side.entry.kinds import AGGREGATES
from write_side.entry.state import evolve
from write_side.log.append import Append, Claim, NewEvent

OTHERS = {"manufacturer": 300, "bureau": 100, "person": 500, "country": 50}
"""Entries that aircraft name, by their kinds."""

STATUSES = ("design", "prototype", "in_production", "out_of_production", "retired", "preserved")
PURPOSES = ("fighter", "bomber", "attack", "transport", "airliner", "trainer", "research", "sport", "tanker")

TERMS = {
    ("role", "designer"),
    *(("status", one) for one in STATUSES),
    *(("purpose", one) for one in PURPOSES),
}
"""Terms that they say."""

WRITERS = 64


def plain(kind: str, most: int) -> Iterator[dict[str, Any]]:
    """Yield what entries of a kind say that name no others."""
    chance = random.Random(kind)  # noqa: S311 - a load, not a secret
    for number in range(most):
        yield made_up(AGGREGATES[kind].declared, f"{kind} {number}", chance, {})


def aircraft(most: int, known: Mapping[str, Sequence[UUID]]) -> Iterator[dict[str, Any]]:
    """Yield what aircraft say, each of which names five entries.

    Args:
        most: how many.
        known: entries that can be named, by their kinds.
    """
    chance = random.Random("aircraft")  # noqa: S311 - a load, not a secret

    def one(kind: str) -> str:
        return str(chance.choice(known[kind]))

    for number in range(most):
        pair = chance.sample(known["person"], 2)
        yield {
            "title": {"en": f"Aircraft {number}", "ru": f"Самолёт {number}"},
            "summary": {"en": "An aircraft for a measurement.", "ru": "Самолёт для измерения."},
            "sources": [{"title": "A measurement"}],
            "status": chance.choice(STATUSES),
            "purposes": chance.sample(PURPOSES, 2),
            "first_flight": {"edtf": str(chance.randrange(1910, 2000))},
            "wingspan": {"value": str(chance.randrange(5, 80))},
            "max_speed": {"value": str(chance.randrange(80, 3_000))},
            "country": one("country"),
            "manufacturers": [{"entry": one("manufacturer")}],
            "bureaus": [{"entry": one("bureau")}],
            "designers": [{"entry": str(id_), "role": "designer"} for id_ in pair],
        }


async def publish_all(running: Bus, name: str, contents: Iterator[dict[str, Any]]) -> list[UUID]:
    """Publish entries of a kind, decided in memory and appended side by side; return their ids."""
    kind = AGGREGATES[name]
    meta = CODEC.encode_meta(Meta(actor=new_id(), command=new_id(), client="import", reason="bench"))
    ids: list[UUID] = []
    numbered = enumerate(contents)

    async def writer() -> None:
        for number, said in numbered:
            stream, slug = new_id(), f"{name.replace('_', '-')}-{number}"
            content = msgspec.convert(kind.declared.kept({}, said), kind.content)
            created = kind.life.created(slug=slug, content=content)
            state = evolve(None, created)
            told = lifecycle.publish(kind, state, 1, state.content, force=True, reason="bench")
            claim = SlugClaimed(kind=name, slug=slug, owner=stream)
            life = tuple(NewEvent(new_id(), CODEC.encode(one), meta) for one in (created, *told))
            place = Claim(slug_stream(name, None, slug), 0, (NewEvent(new_id(), CODEC.encode(claim), meta),))
            await running.appender.append(Append((Claim(stream, 0, life), place)))
            ids.append(stream)

    await asyncio.gather(*(writer() for _ in range(WRITERS)))
    return ids
