"""An import is alone with its log: no projector leads when it begins, and none begins to before it ends."""

import asyncio
import os
from pathlib import Path

import asyncpg
import pytest

from kit.log.lease import Lease
from kit.postgres.connect import PROJECTOR, connect
from scripts.log.export import export
from scripts.log.import_log import load
from tests.adversaries.holding import until_held_up
from tests.given.lives import random_lives, store
from tests.projections.driving import projector
from tests.servers.databases import fresh_database
from tests.write_side.log.given import value

IMPATIENT = {"lock_timeout": "60000", "statement_timeout": "60000"}


async def test_a_projector_that_starts_during_an_import_begins_after_it(
    database: str, server: str, template: str, tmp_path: Path
) -> None:
    lives = random_lives(1, articles=2, steps=10)
    await store(database, lives)
    exported, slowly = tmp_path / "log", tmp_path / "pipe"
    assert 0 == await export(database, exported)
    os.mkfifo(slowly)
    with fresh_database(server, template) as other:
        loading = asyncio.create_task(asyncio.to_thread(asyncio.run, load(other, slowly, {})))
        pipe = await asyncio.to_thread(slowly.open, "wb")
        lines = exported.read_bytes().splitlines(keepends=True)
        pipe.writelines(lines[:3])
        pipe.flush()
        connection = await connect(other, "test lease", PROJECTOR, **IMPATIENT)
        async with asyncio.timeout(30):
            while not await value(other, "select count(*) from pg_locks where mode = 'ShareLock'"):  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        former = await value(other, "select id from log.identity")
        taking = asyncio.create_task(Lease("forwarder", "test").take(connection, begins=True))
        await until_held_up(other, "test lease")
        pipe.writelines(lines[3:])
        await asyncio.to_thread(pipe.close)
        assert 0 == await loading
        assert 0 == await taking
        assert former != await value(other, "select id from log.identity"), (
            "and sees the log under its new id"
        )
        await connection.close()


async def test_a_projector_that_is_gone_is_no_obstacle_whatever_the_clock_said_then(
    database: str, server: str, template: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    await store(database, random_lives(2, articles=1, steps=5))
    assert 0 == await export(database, tmp_path / "log")
    with fresh_database(server, template) as other:
        async with projector(other) as gone:
            assert 0 == await Lease("forwarder", "gone").take(gone, begins=True)
            assert 1 == await load(other, tmp_path / "log", {})
            assert "a projector runs" in capsys.readouterr().err
        owner = await asyncpg.connect(other)
        await owner.execute("update project.lease set until = clock_timestamp() + interval '1 hour'")
        await owner.close()
        assert 0 == await load(other, tmp_path / "log", {})
