"""Entries that name each other are published, archived and renamed at once: no name is told in vain."""

import asyncio
import random
from pathlib import Path
from typing import Any

import pytest

from tests.servers.running import Site, in_process

READY = {"summary": {"en": "A bureau."}, "sources": [{"title": "A book"}], "reason": "so"}


class Attacked:
    """A bureau with a writer of its own, and what readers may be told of it."""

    def __init__(self, site: Site, number: int) -> None:
        self.number = number
        self.id = ""
        self.version = 0
        self.position = 0
        self.hidden = True
        """Whether the last command that was acknowledged left it unseen."""
        self.shows = 0
        """Commands sent that may show it."""
        self.archived = False
        self.slugs = [f"bureau-{number}"]
        """All that were sent, oldest first; of those up to `acknowledged` readers see the last one."""
        self.acknowledged = 1
        self._who = site.moderator

    async def make(self) -> None:
        said = {"title": {"en": f"Bureau {self.number}"}, "slug": self.slugs[0]} | READY
        made = await self._who.done("POST", "/bureaus", said)
        self.id, self.version = made["id"], made["version"]

    async def live(self, chance: random.Random, others: list["Attacked"], steps: int) -> None:
        """Do things to it, one after the other."""
        for _ in range(steps):
            step = chance.choice((self.show, self.show, self.hide, self.rename))
            await step(chance, others)

    async def show(self, chance: random.Random, others: list["Attacked"]) -> None:
        if self.archived:
            await self._done("DELETE", "/archive")
            self.archived = False
        named = [{"entry": one.id} for one in chance.sample(others, 3)]
        revised = await self._done("PATCH", "", {"successor_of": named})
        self.shows += 1
        self.hidden = False
        body = {"revision": revised["revision"], "force": True, "reason": "so"}
        path = f"/bureaus/{self.id}/publication"
        for _ in range(10):
            answer = await self._who.send("PUT", path, body, version=self.version)
            if answer.status_code == 200:
                self._told(answer.json())
                return
            assert "/problems/others-changed" == answer.json()["type"], answer.text

    async def hide(self, chance: random.Random, _others: list["Attacked"]) -> None:
        if self.archived:
            return
        self.archived = chance.random() < 0.5
        await (self._done("PUT", "/archive") if self.archived else self._done("DELETE", "/publication"))
        self.hidden = True

    async def rename(self, _chance: random.Random, _others: list["Attacked"]) -> None:
        if self.archived:
            return
        self.slugs.append(f"bureau-{self.number}-{len(self.slugs)}")
        await self._done("PUT", "/slug", {"slug": self.slugs[-1]})
        self.acknowledged = len(self.slugs)

    async def _done(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        receipt = await self._who.done(method, f"/bureaus/{self.id}{path}", body, version=self.version)
        self._told(receipt)
        return receipt

    def _told(self, receipt: dict[str, Any]) -> None:
        self.version, self.position = receipt["version"], receipt["position"]


async def read_on(
    site: Site, world: list[Attacked], over: asyncio.Event, chance: random.Random
) -> tuple[int, list[str]]:
    """Read documents until it is over; return how many, and every name that should not have been told."""
    known = {one.id: one for one in world}
    wrong: list[str] = []
    read = 0
    while not over.is_set():
        hidden = {one.id: one.shows for one in world if one.hidden}
        slugs = {one.id: one.acknowledged for one in world}
        after = max(one.position for one in world)
        shown = chance.choice([one for one in world if not one.hidden] or world)
        answer = await site.client.get(f"/v1/bureaus/{shown.id}", params={"after": after})
        if answer.status_code in {404, 503}:  # nobody sees it; or that position is not there yet
            continue
        told = answer.json()
        read += 1
        if hidden.get(shown.id) == shown.shows:
            wrong.append(f"{shown.number} is shown")
        names = [(one["id"], one["slug"]) for one in (*told["relations"], *told["related"])]
        named = {item["entry"] for item in told["successor_of"]} | {id_ for id_, _ in names}
        vain = [known[id_].number for id_ in named if hidden.get(id_) == known[id_].shows]
        wrong += [f"{shown.number} names {number}, which nobody sees" for number in vain]
        for id_, slug in names:
            if slug not in known[id_].slugs[slugs[id_] - 1 :]:
                wrong.append(f"{shown.number} names {known[id_].number} by a former name")
    return read, wrong


async def attack(database: str, folder: Path, seed: int, steps: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - repeatable, not secret
    async with in_process(database, folder) as site:
        world = [Attacked(site, number) for number in range(8)]
        for one in world:
            await one.make()
        while (await site.client.get("/v1/bureaus")).status_code != 200:  # noqa: ASYNC110 - it is being built
            await asyncio.sleep(0.05)
        over = asyncio.Event()
        readers = [
            asyncio.create_task(read_on(site, world, over, random.Random(seed + number)))  # noqa: S311
            for number in range(3)
        ]
        try:
            await asyncio.gather(*(one.live(chance, world, steps) for one in world))
        finally:
            over.set()
            read = await asyncio.gather(*readers)
        assert [] == [line for _, lines in read for line in lines]
        assert sum(count for count, _ in read) > 0


async def test_no_reader_meets_a_name_in_vain(database: str, tmp_path: Path) -> None:
    await attack(database, tmp_path, seed=1, steps=12)


@pytest.mark.prove
@pytest.mark.parametrize("seed", range(3))
async def test_no_reader_meets_a_name_in_vain_for_long(database: str, tmp_path: Path, seed: int) -> None:
    await attack(database, tmp_path, seed=seed, steps=200)
