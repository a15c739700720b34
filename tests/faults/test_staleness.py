"""A quarter of a second after the projector's commit nobody is shown the older answer any more."""

import asyncio
import random
import time
from bisect import bisect_left, bisect_right
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
from tests.servers.beside import beside
from tests.servers.fleet import Fleet, fleet
from tests.servers.processes import processes
from tests.servers.running import Editor, answered, forget, settings_for, tokens_for

ARTICLE = PROJECTIONS[0]

QUARTER = 0.25
"""Seconds; what is promised, whatever the code says."""

PATIENCE = 30.0
"""Seconds: each answer, also one that says that it is too late, comes long before on the busiest machine."""


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
        self.later = 0
        """How often a reader was told to ask again."""
        self.kills = 0

    def visible_at(self, position: int) -> float:
        """Return the moment by which the projector's commit of a position is certain."""
        place = bisect_left(self.cursor, position, key=lambda moved: moved[1])
        return self.cursor[place][0] if place < len(self.cursor) else float("inf")

    def stale(self) -> list[str]:
        """Return what should not have been shown."""
        visible = [self.visible_at(one.position) for one in self.published]
        found = []
        for read in self.reads:
            seen_by_all = bisect_left(visible, read.began - QUARTER)
            asked_for = bisect_right(self.published, read.after or 0, key=lambda one: one.position)
            due = max(seen_by_all, asked_for)
            if due and read.revision < self.published[due - 1].revision:
                since = read.began - visible[due - 1]
                found.append(f"{read}, {since:.3f} s after revision {self.published[due - 1].revision}")
        return found


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
            made = await self._editor.until_done("POST", "/articles", body | {"sources": [{"title": "t"}]})
            self._one = f"/articles/{made['id']}"
        else:
            body = {"body": f"b {self._revision}"}
            made = await self._editor.until_done("PATCH", self._one, body, version=self._version)
        self._revision += 1
        made = await self._editor.until_done("PUT", f"{self._one}/submission", version=made["version"])
        made = await self._moderator.until_done(
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
            else:  # one that is too slow on a busy machine says so, and shows nothing older
                assert (503, True) == (answer.status_code, "retry-after" in answer.headers), answer.text
                story.later += 1
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
            desks.append(
                await stack.enter_async_context(httpx2.AsyncClient(base_url=one.url, timeout=PATIENCE))
            )
        room = Newsroom(desks, tokens, seed)
        await room.publish()
        for desk in desks:
            shown = await answered(desk, "/v1/articles/one", after=room.story.published[0].position)
            assert 200 == shown.status_code
        # who asks for a position makes a process look at once: in the other one nobody does
        readers = ((desks[0], True), (desks[0], False), (desks[1], False), (desks[1], False))
        reading = [room.reading(desk, fresh=fresh) for desk, fresh in readers]
        async with beside(room.publishing(), room.watching(database), *reading):
            yield room, ships
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
                room.story.kills += 1
            await asyncio.sleep(chance.uniform(0.5, 1.5))
        await asyncio.sleep(1)
    return room.story


def judged(story: Story) -> list[str]:
    """Return what should not have been shown, and fail where too little was tried to find any."""
    assert len(story.published) > 5
    assert len(story.reads) > max(50, story.later)
    return story.stale()[:5]


async def test_nobody_is_shown_the_older_answer_a_quarter_of_a_second_later(
    database: str, tmp_path: Path
) -> None:
    assert [] == judged(await hammered(database, tmp_path, SEED, 2.5)), f"SEED={SEED}"


@pytest.mark.prove
async def test_nobody_is_shown_it_however_long_one_tries(database: str, tmp_path: Path) -> None:
    story = await hammered(database, tmp_path, SEED, MINUTES * 60)
    assert [] == judged(story), f"SEED={SEED}"
    assert story.kills
