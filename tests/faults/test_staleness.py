"""A quarter of a second after the projector's commit nobody is shown the older answer any more."""

import asyncio
import random
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import NamedTuple

import httpx2
import pytest

from tests.adversaries.prove import MINUTES, SEED
from tests.adversaries.truth import leader, schema_of
from tests.projections.driving import projector
from tests.projections.made import PROJECTIONS
from tests.servers.fleet import Fleet, fleet
from tests.servers.processes import processes
from tests.servers.running import Editor, forget, settings_for, tokens_for

ARTICLE = PROJECTIONS[0]

QUARTER = 0.25
"""Seconds; what is promised, whatever the code says."""


class Published(NamedTuple):
    position: int
    revision: int


class Read(NamedTuple):
    began: float
    revision: int
    after: int | None


class Story:
    """What was published, when the projector was seen to have it, and what readers were shown."""

    def __init__(self) -> None:
        self.published: list[Published] = []
        self.cursor: list[tuple[float, int]] = []
        """(moment, position) each time that the cursor was seen to have moved."""
        self.reads: list[Read] = []

    def visible_at(self, position: int) -> float:
        """Return the moment by which the projector's commit of a position is certain."""
        return next((moment for moment, place in self.cursor if place >= position), float("inf"))

    def stale(self) -> list[str]:
        """Return what should not have been shown."""
        known = [(self.visible_at(one.position), one) for one in self.published]
        return [
            f"revision {read.revision} shown {read.began - moment:.3f} s after revision {one.revision}"
            for moment, one in known
            for read in self.reads
            if read.revision < one.revision
            and (moment + QUARTER < read.began or (read.after is not None and one.position <= read.after))
        ]


class Newsroom:
    """One article that is published again and again, and many who read it in two processes."""

    def __init__(self, desks: list[httpx2.AsyncClient], tokens: dict[str, str], seed: int) -> None:
        self._desks = desks
        self._editor, self._moderator = (Editor(desks[0], tokens[role]) for role in ("editor", "moderator"))
        self._chance = random.Random(seed)  # noqa: S311 - repeatable, not secret
        self._one = ""
        self._version = 0
        self._revision = 0
        self.story = Story()

    async def publish(self) -> None:
        """Publish one more revision."""
        if not self._one:
            body = {"locale": "en", "title": "T", "slug": "one", "summary": "s", "body": "b"}
            made = await self._editor.done("POST", "/articles", body | {"sources": [{"title": "t"}]})
            self._one = f"/articles/{made['id']}"
        else:
            body = {"body": f"b {self._revision}"}
            made = await self._editor.done("PATCH", self._one, body, version=self._version)
        self._revision += 1
        made = await self._editor.done("PUT", f"{self._one}/submission", version=made["version"])
        made = await self._moderator.done(
            "PUT", f"{self._one}/publication", {"revision": self._revision}, version=made["version"]
        )
        self._version = made["version"]
        self.story.published.append(Published(made["position"], self._revision))

    async def publishing(self) -> None:
        while True:
            await self.publish()
            await asyncio.sleep(self._chance.choice((0.0, 0.01, 0.05, 0.3)))

    async def reading(self, desk: httpx2.AsyncClient, *, fresh: bool) -> None:
        story = self.story
        while True:
            after = story.published[-1].position if fresh else None
            began = time.monotonic()
            answer = await desk.get("/v1/articles/one", params={"after": after} if after else None)
            if answer.status_code == 200:
                story.reads.append(Read(began, answer.json()["revision"], after))
            else:
                assert (503, True) == (answer.status_code, fresh), answer.text
            await asyncio.sleep(self._chance.choice((0.0, 0.01, 0.03)))

    async def watching(self, dsn: str) -> None:
        async with projector(dsn) as connection:
            schema = await schema_of(connection, ARTICLE)
            place = -1
            while True:
                now = await connection.fetchval(
                    "select position from project.cursor where schema = $1", schema
                )
                if now > place:
                    place = now
                    self.story.cursor.append((time.monotonic(), place))
                await asyncio.sleep(0.002)


@asynccontextmanager
async def newsroom(database: str, folder: Path, seed: int) -> AsyncIterator[tuple[Newsroom, Fleet]]:
    settings = settings_for(database, folder)
    tokens = await tokens_for(settings, database)
    redis = (settings.redis_url, settings.redis_prefix)
    async with AsyncExitStack() as stack:
        ships = stack.enter_context(fleet(database, folder, lease=0.4, redis=redis))
        ships.start("first")
        started = []
        for number in range(2):
            place = folder / str(number)
            place.mkdir()
            started.append(stack.enter_context(processes(settings, place)))
            started[-1].start("serve")
        desks = []
        for one in started:
            await one.ready()
            desks.append(await stack.enter_async_context(httpx2.AsyncClient(base_url=one.url, timeout=5)))
        room = Newsroom(desks, tokens, seed)
        await room.publish()
        for desk in desks:
            shown = await desk.get("/v1/articles/one", params={"after": room.story.published[0].position})
            assert 200 == shown.status_code
        tasks = [asyncio.create_task(room.publishing()), asyncio.create_task(room.watching(database))]
        # who asks for a position makes a process look at once: in the other one nobody does
        for desk, fresh in ((desks[0], True), (desks[0], False), (desks[1], False), (desks[1], False)):
            tasks.append(asyncio.create_task(room.reading(desk, fresh=fresh)))
        try:
            yield room, ships
            assert not any(task.done() for task in tasks), [task for task in tasks if task.done()]
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await forget(settings)


async def hammered(database: str, folder: Path, seed: int, seconds: float) -> Story:
    """Let it go on for a while, and kill the projector in between, when it has just published most often."""
    chance = random.Random(seed)  # noqa: S311 - repeatable, not secret
    async with newsroom(database, folder, seed) as (room, ships), projector(database) as connection:
        end = time.monotonic() + seconds
        await asyncio.sleep(min(seconds / 3, 10))
        while time.monotonic() < end:
            name = ships.name_of(await leader(connection, ARTICLE) or 0)
            if name is not None:
                moves = len(room.story.cursor)
                while len(room.story.cursor) == moves:  # noqa: ASYNC110 - another process moves it
                    await asyncio.sleep(0.001)
                await asyncio.sleep(
                    chance.choice((0, 0.001, 0.005))
                )  # before or after the shared cache has it
                ships.kill(name)
                ships.start(name)
            await asyncio.sleep(chance.uniform(0.5, 1.5))
        await asyncio.sleep(1)
    return room.story


async def test_nobody_is_shown_the_older_answer_a_quarter_of_a_second_later(
    database: str, tmp_path: Path
) -> None:
    story = await hammered(database, tmp_path, SEED, 2.5)
    assert [] == story.stale()[:5], f"SEED={SEED}"
    assert len(story.published) > 5
    assert len(story.reads) > 50


@pytest.mark.prove
async def test_nobody_is_shown_it_however_long_one_tries(database: str, tmp_path: Path) -> None:
    story = await hammered(database, tmp_path, SEED, MINUTES * 60)
    assert [] == story.stale()[:5], f"SEED={SEED}"
