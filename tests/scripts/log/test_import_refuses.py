"""What no log holds is not loaded, although its chain is right; whatever a file holds, a line says why."""

import json
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scripts.log import verify_export
from scripts.log.export import export
from scripts.log.import_log import load
from tests.given.lives import random_lives, store
from tests.scripts.log.test_export import forged
from tests.servers.databases import fresh_database

type Event = dict[str, Any]

HEADER = {"format": "frankenjet.log", "version": 1, "log": "0d6c0c3e-6a3e-5d0b-9f1c-2a4b8f7e1c55"}
EARLY, TOO_EARLY = "1970-01-01T00:00:00.000000Z", "1961-04-12T06:07:00.000000Z"
DEEP = "[" * 100_000 + "]" * 100_000


def changed(events: list[Event], position: int, **more: Any) -> None:
    events[position - 1] |= more


def of_another(events: list[Event], name: str) -> None:
    """Let the last event of the stream that begins the log have something of the one before it."""
    ours = [one for one in events if one["stream"] == events[0]["stream"]]
    ours[-1][name] = ours[-2][name]


def exchanged(events: list[Event]) -> None:
    """Let two events of a stream follow each other in the wrong order."""
    ours = [one for one in events if one["stream"] == events[0]["stream"]]
    ours[-1]["version"], ours[-2]["version"] = ours[-2]["version"], ours[-1]["version"]


WRONG: dict[str, tuple[Callable[[list[Event]], None], str]] = {
    "no version": (lambda events: changed(events, 1, version=0), "position 1: not an event"),
    "a huge version": (lambda events: changed(events, 1, version=10**30), "position 1: not an event"),
    "a version too late": (lambda events: changed(events, 1, version=700), "the versions of its stream"),
    "in the wrong order": (exchanged, "the versions of its stream"),
    "a version twice": (lambda events: of_another(events, "version"), "the same one of a stream"),
    "an id twice": (lambda events: of_another(events, "id"), "has the id of another one"),
    "back in time": (lambda events: changed(events, 2, recorded_at=EARLY), "position 2: it was recorded"),
    "before clocks": (lambda events: changed(events, 1, recorded_at=TOO_EARLY), "position 1: not an event"),
    "a huge schema": (lambda events: changed(events, 1, schema=40_000), "position 1: not an event"),
    "a NUL": (lambda events: changed(events, 1, type="x\x00"), "position 1: not an event"),
    "a long name": (lambda events: changed(events, 1, type="x" * 3_000), "position 1: not an event"),
}


async def test_what_no_log_holds_is_not_loaded(
    database: str, server: str, template: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "log.ndjson"
    await store(database, random_lives(1, articles=2, steps=20))
    await export(database, path)
    header, *whole = path.read_bytes().splitlines(keepends=True)
    found: dict[str, tuple[int, bool]] = {}
    with fresh_database(server, template) as other:
        for name, (change, said) in WRONG.items():
            events = [json.loads(line) for line in whole]
            change(events)
            made = [
                json.dumps(one, ensure_ascii=False, separators=(",", ":")).encode() + b"\n" for one in events
            ]
            path.write_bytes(b"".join(forged([header, *made], 1, b"", b"")))
            found[name] = await load(other, path, {}), said in capsys.readouterr().err
        path.write_bytes(header + b"".join(whole))
        assert await load(other, path, {}) == 0
    assert dict.fromkeys(WRONG, (1, True)) == found


@pytest.mark.parametrize(
    "header",
    [{"events": []}, {"events": {}}, {"events": 1.0}, {"events": True}, {"of a later build": DEEP}],
    ids=["a list", "an object", "a fraction", "a truth", "too deep"],
)
async def test_a_header_that_cannot_be_read_is_said_by_both_programs(
    database: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], header: dict[str, Any]
) -> None:
    path = tmp_path / "log.ndjson"
    path.write_text(json.dumps(HEADER | header).replace(f'"{DEEP}"', DEEP) + "\n")
    assert await load(database, path, {}) == 1
    assert verify_export.main([str(path)]) == 1
    printed = capsys.readouterr()
    assert "the first line is not the header" in printed.err
    assert "bad: the first line is not the header" in printed.out


def test_an_event_that_is_nested_too_deeply_is_bad(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "log.ndjson"
    event = f'{{"position":1,"payload":{DEEP},"chain":"{"0" * 64}"}}\n'.encode()
    header = json.dumps(HEADER).encode() + b"\n"
    path.write_bytes(b"".join(forged([header, event], 1, b"", b"")))
    assert verify_export.main([str(path)]) == 1
    assert "bad: position 1: the event is not JSON" in capsys.readouterr().out


async def test_a_line_without_an_end_is_never_held(
    database: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "log.ndjson"
    path.write_bytes(json.dumps(HEADER).encode() + b"\n")
    with path.open("ab") as file:
        file.truncate(200_000_000)
    tracemalloc.start()
    try:
        assert await load(database, path, {}) == 1
        assert verify_export.main([str(path)]) == 1
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    printed = capsys.readouterr()
    assert "a line of more than 4,194,304 bytes" in printed.err
    assert "bad: position 1: the line is cut off, or too long" in printed.out
    assert 40_000_000 > peak
