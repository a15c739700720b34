"""Every process is killed in the middle of seeding and started again: what was acknowledged is there."""

import asyncio
import random
from pathlib import Path
from typing import Any

import httpx2
import pytest

from kit.postgres.connect import Connection
from scripts import sample
from scripts.models.verify import verify
from tests.adversaries.prove import MINUTES, SEED
from tests.adversaries.truth import arrived, check, check_counts
from tests.projections.driving import projector
from tests.projections.made import PROJECTIONS
from tests.servers.beside import beside
from tests.servers.fleet import Fleet, fleet
from tests.servers.processes import Processes, processes
from tests.servers.running import Editor, forget, settings_for, tokens_for

STEPS = {life.entry: len(life.steps) for life in sample.lives()} | {
    entry.id: entry.version for entry in sample.entries()
}
"""Entry of the sample → how many events its life has."""

PATIENCE = 120.0
"""Seconds for whatever goes on again after a kill, on a machine that has much else to do."""


class Writer:
    """Somebody who writes all the while and keeps every receipt; what is not answered is sent again."""

    def __init__(self, editor: Editor) -> None:
        self._editor = editor
        self.receipts: dict[str, dict[str, Any]] = {}
        self.ends = False
        """To be set when no further command is wanted; the one on its way is still answered."""

    async def write(self) -> None:
        number = 0
        while not self.ends:
            number += 1
            key = f"writer-{number}"
            self.receipts[key] = await self.receipt(key)
            await asyncio.sleep(0.02)

    async def receipt(self, key: str) -> dict[str, Any]:
        """Send the command of a key until it is acknowledged."""
        body = {"locale": "en", "title": key, "slug": key}
        while True:
            try:
                answer = await self._editor.send("POST", "/articles", body, key=key)
            except httpx2.HTTPError:
                await asyncio.sleep(0.05)
                continue
            if answer.status_code == 201:
                receipt: dict[str, Any] = answer.json()
                return receipt
            assert answer.status_code in {409, 503}, answer.text
            await asyncio.sleep(0.05)


class Machine:
    """A projector, an API and a seeding, each killed and started again."""

    def __init__(self, ships: Fleet, running: Processes, connection: Connection, seed: int) -> None:
        self._ships = ships
        self._running = running
        self._connection = connection
        self.chance = random.Random(seed)  # noqa: S311 - repeatable, not secret

    def start(self, name: str) -> None:
        if name == "project":
            self._ships.start(name)
        else:
            self._running.start(name)

    def kill(self, name: str) -> None:
        if name == "project":
            self._ships.kill(name)
        else:
            self._running.kill(name)

    async def grown(self, by: int) -> None:
        """Wait until the log has so many events more."""
        head = await self._connection.fetchval("select log.head()")
        async with asyncio.timeout(PATIENCE):
            while await self._connection.fetchval("select log.head()") < head + by:  # noqa: ASYNC110 - others write
                await asyncio.sleep(0.005)

    async def killed_in_any_order(self) -> None:
        """Kill everything at random moments, and start it again."""
        names = ["seed", "project", "serve"]
        self.chance.shuffle(names)
        for name in names:
            await self.grown(self.chance.randrange(1, 20))
            self.kill(name)
            self.start(name)


async def round_of_kills(database: str, folder: Path, seed: int, seconds: float) -> None:
    settings = settings_for(database, folder)
    tokens = await tokens_for(settings, database)
    with fleet(database, folder, lease=0.4) as ships, processes(settings, folder) as running:
        running.start("serve")
        ships.start("project")
        async with projector(database) as connection, httpx2.AsyncClient(base_url=running.url) as client:
            machine = Machine(ships, running, connection, seed)
            await running.ready()
            writer = Writer(Editor(client, tokens["editor"]))
            async with beside(writer.write()) as (writing,):
                machine.start("seed")
                end = asyncio.get_running_loop().time() + seconds
                await machine.killed_in_any_order()
                while asyncio.get_running_loop().time() < end:
                    await machine.killed_in_any_order()
                assert 0 == await asyncio.to_thread(running.wait, "seed", PATIENCE)
                await running.ready()
                writer.ends = True
                async with asyncio.timeout(PATIENCE):
                    await writing
            for key, receipt in writer.receipts.items():
                assert receipt == await writer.receipt(key)
            assert writer.receipts
            await arrived(connection, PROJECTIONS)
            rows = await connection.fetch(
                "select stream, max(version) as version from log.event where stream = any($1) group by 1",
                list(STEPS),
            )
            assert {row["stream"]: row["version"] for row in rows} == STEPS
            acknowledged = [receipt["position"] for receipt in writer.receipts.values()]
            held = await connection.fetchval(
                "select count(*) from log.event where type = 'article.created' and position = any($1)",
                [position - 1 for position in acknowledged],
            )
            assert len(set(acknowledged)) == held
    await forget(settings)
    await check_counts(database)
    await check(database, PROJECTIONS)
    assert 0 == await verify(database, as_json=True)


async def test_whatever_is_killed_while_seeding_nothing_acknowledged_is_lost(
    database: str, tmp_path: Path
) -> None:
    await round_of_kills(database, tmp_path, SEED, 0)


@pytest.mark.prove
async def test_whatever_is_killed_again_and_again_nothing_acknowledged_is_lost(
    database: str, tmp_path: Path
) -> None:
    await round_of_kills(database, tmp_path, SEED, MINUTES * 60)
