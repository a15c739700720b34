"""What `frankenjet rebuild` says and does without a name, and that it rescues a model that is stuck."""

import asyncio
import os
import signal
import subprocess
import sys
import time

import pytest

from events.codec import CODEC
from kit.checkout import ROOT
from kit.errors import Refused
from projections.catalog import PROJECTIONS
from projections.engine.loop import Engine
from scripts.models.rebuild import rebuild
from tests.adversaries.truth import check
from tests.given.lives import random_lives, store
from tests.projections.driving import projector

STUBBORN = """
import asyncio, signal, sys
from scripts.cli.stoppable import run_stoppable

async def verb():
    print("begins", flush=True)
    while True:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            pass

sys.exit(run_stoppable(verb(), "it was stopped"))
"""

STATES = "select generation, state from project.generation where model = 'entries' order by 1"


async def test_without_a_name_it_fills_what_is_lacking_and_says_what_it_did(
    database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    await store(database, random_lives(71, articles=2, steps=10))
    assert 0 == await rebuild(database, None, fresh=False, jobs=1, as_json=True)
    assert "entries: is filled and current\n" in capsys.readouterr().err
    assert 0 == await rebuild(database, None, fresh=False, jobs=1, as_json=True)
    assert "entries: is filled already; --fresh fills it once more\n" in capsys.readouterr().err
    assert 0 == await rebuild(database, None, fresh=True, jobs=1, as_json=True)
    assert "no rows differed" in capsys.readouterr().err
    async with projector(database) as connection:
        states = [tuple(row) for row in await connection.fetch(STATES)]
    assert [(1, "old"), (2, "current")] == states


async def test_the_name_of_an_earlier_model_is_refused_with_the_names_that_there_are(database: str) -> None:
    with pytest.raises(Refused, match="no read model is called article; there are: entries"):
        await rebuild(database, "article", fresh=True, jobs=1, as_json=True)


async def test_a_model_whose_tables_are_broken_is_replaced_although_it_never_comes_to_the_same_place(
    database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    await store(database, random_lives(72, articles=2, steps=10))
    assert 0 == await rebuild(database, None, fresh=False, jobs=1, as_json=True)
    async with projector(database) as connection:
        schema = await connection.fetchval("select schema from project.generation")
        await connection.execute(f"alter table {schema}.revision drop column body")
    await store(database, random_lives(73, articles=2, steps=10))
    assert 0 == await rebuild(database, "entries", fresh=True, jobs=1, as_json=True, still=1.0)
    assert "it is replaced uncompared" in capsys.readouterr().err
    running = asyncio.create_task(Engine(database, CODEC, PROJECTIONS, "test").run())
    await asyncio.sleep(0.5)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await check(database, PROJECTIONS)


def test_a_verb_that_does_not_let_go_ends_soon_all_the_same() -> None:
    running = subprocess.Popen(
        [sys.executable, "-c", STUBBORN],
        cwd=ROOT, env={"PATH": os.defpath}, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert running.stdout is not None
    assert b"begins\n" == running.stdout.readline()
    began = time.monotonic()
    running.send_signal(signal.SIGTERM)
    _, said = running.communicate(timeout=30)
    assert time.monotonic() - began < 8
    assert (143, b"frankenjet: it was stopped\n") == (running.returncode, said)
