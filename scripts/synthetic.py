"""Synthetic articles: many, with revisions spread by Zipf's law, made at the speed of the log."""

import asyncio
import random
import sys
from collections.abc import Iterator
from uuid import UUID

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

from kit.ids import named_id, new_id
from write_side.article.aggregate import ARTICLE
from write_side.article.commands import CreateArticle, Reference, ReviseArticle
from write_side.bus import Bus
from write_side.call import Call
from write_side.entry import commands

WRITERS = 128
SKEW = 1.1
"""Exponent of Zipf's law: few articles have most of the revisions."""

WORDS = """
wing spar rib fuselage engine nacelle propeller rudder elevator aileron undercarriage cockpit cowling
flight altitude range speed payload crew test airfield hangar prototype series factory drawing bureau
designer pilot navigator record route ocean winter repair radio fuel oil metal wood fabric rivet
""".split()  # noqa: SIM905 - a list of words reads best as words


def counts(articles: int, revisions: int, skew: float = SKEW) -> list[int]:
    """Return how many revisions each article gets: at least 1, and articles times revisions in all, about."""
    weights = [1 / rank**skew for rank in range(1, articles + 1)]
    share = articles * max(revisions - 1, 0) / sum(weights)
    return [1 + round(weight * share) for weight in weights]


async def synthesize(running: Bus, articles: int, revisions: int) -> None:
    """Make articles through commands: each is created, revised, submitted and published."""
    todo = iter(enumerate(counts(articles, revisions)))
    run = new_id().hex[-12:]
    with Progress(
        "synthetic",
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(file=sys.stderr),
    ) as shown:
        task = shown.add_task("synthetic", total=articles)

        async def writer() -> None:
            for number, count in todo:
                await _live(running, run, number, count)
                shown.advance(task)

        await asyncio.gather(*(writer() for _ in range(WRITERS)))


async def _live(running: Bus, run: str, number: int, count: int) -> None:
    actors = [named_id("synthetic", str(one)) for one in range(20)]
    chance = random.Random(f"{run}{number}")  # noqa: S311 - a sample, not a secret
    texts = _texts(chance)

    def call(version: int | None) -> Call:
        return Call(actor=chance.choice(actors), client="import", expected=version, reason="synthetic")

    body = CreateArticle(
        locale=chance.choice(("ru", "en")),
        slug=f"synthetic-{run}-{number}",
        title=f"Synthetic {run} {number}",
        summary=" ".join(chance.choices(WORDS, k=20)),
        sources=[Reference(title="A made-up source")],
        tags=chance.sample(WORDS, k=3),
        category=chance.choice(WORDS),
        body=next(texts),
    )
    facts = (await commands.create(running, ARTICLE, call(None), body)).facts
    id_ = UUID(facts["id"])
    for _ in range(count - 1):
        revise = ReviseArticle(body=next(texts))
        facts = (await commands.revise(running, ARTICLE, call(facts["version"]), id_, revise)).facts
    facts = (await commands.submit(running, ARTICLE, call(facts["version"]), id_)).facts
    publish = commands.Publish(revision=facts["revision"])
    await commands.publish(running, ARTICLE, call(facts["version"]), id_, publish)


def _texts(chance: random.Random) -> Iterator[str]:
    """Yield bodies of about 1 kB, each a little different from the one before."""
    words = chance.choices(WORDS, k=150)
    while True:
        yield " ".join(words)
        words[chance.randrange(len(words))] = f"{chance.choice(WORDS)}{chance.randrange(1000)}"
