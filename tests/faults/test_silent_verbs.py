"""The database falls silent in the middle of a verb: it ends, says so in one line, leaves nothing behind."""

import asyncio
import os
import signal
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import IO, NamedTuple

import pytest

from kit.auth.keys import ensure_signing_key
from kit.postgres.server_watch import watched_connection
from tests.adversaries.holding import holding, until_held_up
from tests.servers.copies.starting import Process, start
from tests.servers.proxy import proxied

VERBS = {
    "verify": "frankenjet verify",
    "export {folder}/log": "frankenjet export",
    "migrate": "frankenjet migrate",
    "log tail": "frankenjet log",
    "parked list": "frankenjet parked",
    "resync": "frankenjet resync",
    "confirm": "frankenjet rebuild",
    "resend": "frankenjet resend",
    "account list": "frankenjet account",
    "token --account A --role editor": "frankenjet token",
    "seed": "frankenjet accounts",
}
"""Verb → the connection by which it works."""

SHORT = {"export {folder}/log", "migrate"}
"""What is tried each time; the others by `make prove`."""

HELD = """
select pg_advisory_xact_lock(7206571234500);
lock table log.event, log.identity, project.cursor, project.generation, project.missing, auth.account
  in access exclusive mode"""

ENDS = 25.0
"""Seconds: silence is noticed after some 6 s, and the machine may have other things to do."""


class Working(NamedTuple):
    """A verb that was started."""

    process: Process
    errors: IO[bytes]

    def said(self) -> str:
        """Return what it has written to its standard error."""
        self.errors.seek(0)
        return self.errors.read().decode()


@asynccontextmanager
async def working(dsn: str, verb: str, folder: Path) -> AsyncIterator[Working]:
    """Start a verb as an operator does."""
    key = folder / "key.pem"
    if not key.exists():
        ensure_signing_key(key)
    environment = {"PATH": os.defpath, "DATABASE_URL": dsn, "FRANKENJET_SIGNING_KEY_FILE": str(key)}
    words = verb.format(folder=folder).split()
    with tempfile.TemporaryFile() as errors:
        running = start("scripts.main", words, environment, errors=errors)
        try:
            yield Working(running, errors)
        finally:
            running.kill()
            running.wait()


def left_in(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir() if path.name != "key.pem"]


@pytest.mark.parametrize(
    "verb", [pytest.param(verb, marks=() if verb in SHORT else pytest.mark.prove) for verb in VERBS]
)
async def test_a_verb_whose_database_falls_silent_ends_and_says_so(
    database: str, tmp_path: Path, verb: str
) -> None:
    async with (
        holding(database, HELD),
        proxied(database) as (proxy, dsn),
        working(dsn, verb, tmp_path) as running,
    ):
        await until_held_up(database, VERBS[verb], 20)
        proxy.pause()
        code = await asyncio.to_thread(running.process.wait, ENDS)
        said = running.said()
    lines = [line for line in said.splitlines() if line.startswith("frankenjet: ")]
    assert (2, 1) == (code, len(lines)), said
    assert "it did not answer in time" in lines[0]
    assert [] == left_in(tmp_path)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("quiet", [True, False], ids=["silent", "held up"])
async def test_a_verb_that_waits_for_an_answer_ends_when_it_is_told_to(
    database: str, tmp_path: Path, number: signal.Signals, code: int, *, quiet: bool
) -> None:
    verb = "export {folder}/log"
    async with (
        holding(database, HELD),
        proxied(database) as (proxy, dsn),
        working(dsn, verb, tmp_path) as running,
    ):
        await until_held_up(database, VERBS[verb], 20)
        if quiet:
            proxy.pause()
        running.process.send_signal(number)
        assert code == await asyncio.to_thread(running.process.wait, ENDS)
    assert [] == left_in(tmp_path)


async def test_a_loop_that_was_held_up_takes_nobody_for_silent(database: str) -> None:
    async with watched_connection(database, "test") as connection:
        await asyncio.sleep(1.7)  # it has begun to ask
        time.sleep(4.5)  # noqa: ASYNC251 - as a write into a pipe does that nobody reads
        await asyncio.sleep(1)
        assert 1 == await connection.fetchval("select 1")
