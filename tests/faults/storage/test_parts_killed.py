"""An API that is killed while a large picture comes in parts, and at its end: the client goes on."""

import asyncio
import random
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx2
import pytest

from kit.storage.parts import PART
from tests.adversaries.prove import SEED, rounds
from tests.faults.storage.test_storage_away import kept_as_told, registered_in
from tests.given.media.pictures import drawn, written
from tests.given.media.sending import announced, confirm, padded, put_part, send_parts
from tests.servers.processes import Processes
from tests.servers.running import Site, as_processes


async def killed_while_parts_come(dsn: str, folder: Path, kills: int) -> int:
    """Send large pictures, each past two kills, and return how many were gone on with in their middle."""
    chance, resumed = random.Random(SEED), 0  # noqa: S311 - repeatable, not secret
    async with as_processes(dsn, folder) as (running, site):
        for number in range(kills):
            file = padded(written("PNG", drawn(size=(100 + number, 80))), 3 * PART + number + 1)
            begun = await site.editor.done("POST", "/media/uploads", announced(file))
            some = asyncio.Event()
            wanted = chance.randrange(1, len(begun["parts"]))
            asked: asyncio.Task[Any] = asyncio.create_task(one_by_one(site, begun, file, wanted, some))
            await some.wait()
            await asyncio.sleep(chance.random() * 0.05)
            await killed(running, asked)
            standing = await site.editor.done("GET", f"/media/uploads/{begun['id']}")
            missing = [one["number"] for one in standing["parts"]]
            assert [1, 2, 3, 4] == sorted(standing["arrived"] + missing), f"SEED={SEED}"
            resumed += 0 < len(missing) < len(begun["parts"])
            assert [204] * len(missing) == await send_parts(site.client, standing, file)
            asked = asyncio.create_task(confirm(site.editor, begun["id"], file, key=f"kill-{number}"))
            await asyncio.sleep(chance.random() * 0.6)
            await killed(running, asked)
            answer = await confirm(site.editor, begun["id"], file, key=f"kill-{number}")
            assert answer.status_code in {200, 201}, f"SEED={SEED} {answer.text}"
            assert number + 1 == await registered_in(dsn)
    await kept_as_told(dsn, folder)
    return resumed


async def one_by_one(
    site: Site, begun: dict[str, Any], file: bytes, wanted: int, some: asyncio.Event
) -> None:
    """Send the parts, and say so when so many of them have arrived, or when no more will."""
    try:
        for part in begun["parts"]:
            await put_part(site.client, part, file)
            if part["number"] == wanted:
                some.set()
    finally:
        some.set()


async def killed(running: Processes, asked: asyncio.Task[Any]) -> None:
    """Kill the API while it is asked something, and start it again."""
    running.kill("serve")
    with suppress(httpx2.HTTPError):
        await asked
    running.start("serve")
    await running.ready()


@pytest.mark.prove
async def test_twelve_kills_between_parts_and_twelve_at_the_end_lose_no_part_that_came(
    database: str, tmp_path: Path
) -> None:
    assert await killed_while_parts_come(database, tmp_path, rounds(12)) > 0
