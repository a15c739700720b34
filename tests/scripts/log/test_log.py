"""`frankenjet log` shows what the log holds, to people and to programs."""

import asyncio
import json
import subprocess
import sys
import time

import pytest
from typer.testing import CliRunner, Result

from events.codec import Stored
from kit.clock import now
from kit.ids import new_id
from scripts.log.log import log_cli, words
from tests.given.lives import random_lives, store, store_raw

LIVES = random_lives(1, articles=2, steps=15)


@pytest.fixture
def filled(database: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return a log with the lives of two articles, which is the one that the verbs read."""
    asyncio.run(store(database, LIVES))
    monkeypatch.setenv("DATABASE_URL", database)
    return database


def log(*words: str) -> Result:
    return CliRunner().invoke(log_cli, list(words))


def test_the_tail_shows_the_newest_events_in_order(filled: str) -> None:
    assert filled
    lines = log("tail", "-n", "3").output.splitlines()
    assert [LIVES[n][2].TYPE for n in (-3, -2, -1)] == [line.split()[3] for line in lines]


def test_the_tail_is_readable_by_programs(filled: str) -> None:
    assert filled
    events = [json.loads(line) for line in log("tail", "-n", "999", "--json").output.splitlines()]
    assert list(range(1, len(LIVES) + 1)) == [event["position"] for event in events]
    assert [str(stream) for stream, _, _ in LIVES] == [event["stream"] for event in events]
    assert "title" in events[0]["payload"]["content"]


def test_a_stream_is_shown_from_its_first_event(filled: str) -> None:
    assert filled
    stream = LIVES[0][0]
    events = [json.loads(line) for line in log("stream", str(stream), "--json").output.splitlines()]
    assert [event.TYPE for one, _, event in LIVES if one == stream] == [event["type"] for event in events]
    assert list(range(1, len(events) + 1)) == [event["version"] for event in events]


def test_one_event_is_shown_whole(filled: str) -> None:
    assert filled
    shown = json.loads(log("show", "1").output)
    assert (1, "article.created") == (shown["position"], shown["type"])
    assert shown == json.loads(log("show", "1", "--json").output)


def test_what_is_not_there_is_said_and_fails(filled: str) -> None:
    assert filled
    assert (1, 1) == (log("show", "9999").exit_code, log("stream", str(new_id())).exit_code)
    assert "UUID" in log("stream", "tu-144").output + str(log("stream", "tu-144").exception)


def test_types_are_counted(filled: str) -> None:
    assert filled
    counted = [json.loads(line) for line in log("types", "--json").output.splitlines()]
    assert len(LIVES) == sum(one["events"] for one in counted)
    assert {"type": "article.created", "schema": 1, "events": 2, "first": 1, "last": 3} in counted
    assert "article.created" in log("types").output


def test_nothing_in_the_log_can_command_a_terminal(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asyncio.run(store_raw(database, new_id(), 0, Stored("odd\x1b[2J", 1, '{"a":"\u009b2J"}'.encode())))
    asyncio.run(store_raw(database, new_id(), 0, Stored("odd", 1, b"\x1b[2J")))
    monkeypatch.setenv("DATABASE_URL", database)
    for called in (["tail"], ["show", "1"], ["show", "2"], ["types"]):
        shown = log(*called)
        assert shown.exit_code == 0
        assert all(line.isprintable() for line in shown.output.splitlines()), words


def test_following_shows_what_comes(filled: str) -> None:
    command = [sys.executable, "-c", "from scripts.log.log import log_cli; log_cli()"]
    with subprocess.Popen([*command, "tail", "-n", "1", "-f", "--json"], stdout=subprocess.PIPE) as running:
        assert running.stdout is not None
        first = json.loads(running.stdout.readline())
        asyncio.run(store_raw(filled, new_id(), 0, Stored("museum.opened", 1, b"{}")))
        began = time.monotonic()
        second = json.loads(running.stdout.readline())
        running.kill()
    assert (len(LIVES), "museum.opened") == (first["position"], second["type"])
    assert time.monotonic() - began < 15


def test_accounts_that_were_made_in_one_moment_are_told_apart() -> None:
    row = {
        "recorded_at": now(),
        "position": 1,
        "type": "a.b",
        "stream": new_id(),
        "version": 1,
        "payload": b"",
    }
    said = [
        words(row | {"meta": json.dumps({"actor": f"018f0000-0000-7000-8000-00000000{end}"})})
        for end in ("7c1e", "01a2")
    ]
    assert ["7c1e", "01a2"] == [line.partition(" by ")[2].split()[0] for line in said]
