"""An export holds the log as it is, is loaded as it was, and shows what was done to it."""

import hashlib
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from events.codec import Stored
from kit.forms import Wrong
from kit.ids import new_id
from kit.log.chain import Seal
from kit.log.cursor import LeaderCursor
from projections.notary.notary import ChainRunner
from scripts.log import verify_export
from scripts.log.export import export
from scripts.log.import_log import load, seals_of
from tests.given.lives import random_lives, store, store_raw
from tests.projections.driving import projector
from tests.servers.databases import fresh_database
from tests.write_side.log.given import claim, command, key
from write_side.log.appender import Appender

LIVES = random_lives(1, articles=4, steps=60)


async def contents(dsn: str) -> list[tuple[Any, ...]]:
    connection = await asyncpg.connect(dsn)
    try:
        return [tuple(row) for row in await connection.fetch("select * from log.event order by position")]
    finally:
        await connection.close()


async def identity(dsn: str) -> Any:
    connection = await asyncpg.connect(dsn)
    try:
        return await connection.fetchval("select id from log.identity")
    finally:
        await connection.close()


async def seals(dsn: str) -> dict[int, bytes]:
    """Seal the log at its head, and return what was sealed."""
    async with projector(dsn) as connection:
        chain = await ChainRunner.resumed(connection)
        while await chain.step():
            pass
        await chain.seal_now()
        return {chain.seal.position: chain.seal.chain}


@pytest.fixture
async def exported(database: str, tmp_path: Path) -> Path:
    """Return the export of a log with the lives of some articles and an event that is no JSON."""
    await store(database, LIVES)
    await store_raw(database, new_id(), 0, Stored("odd", 3, b"\x00\xff\n"))
    path = tmp_path / "log.ndjson"
    assert await export(database, path) == 0
    return path


def events_of(path: Path) -> list[bytes]:
    return path.read_bytes().splitlines()[1:]


def verified(path: Path, *seals: str, capsys: pytest.CaptureFixture[str]) -> str:
    """Return what the offline program says of an export."""
    code = verify_export.main([str(path), *(word for seal in seals for word in ("--seal", seal))])
    said = capsys.readouterr().out.strip()
    assert said.startswith("bad:" if code else "good:")
    return said


def rewritten(path: Path, change: Callable[[list[bytes]], list[bytes]]) -> Path:
    """Change the lines of an export as somebody would who hopes that nobody looks."""
    changed = path.with_name("changed.ndjson")
    changed.write_bytes(b"".join(change(path.read_bytes().splitlines(keepends=True))))
    return changed


def forged(lines: list[bytes], position: int, before: bytes, after: bytes) -> list[bytes]:
    """Rewrite one event and compute the whole chain again."""
    assert before in lines[position]
    lines[position] = lines[position].replace(before, after)
    chain = bytes(32)
    for number, line in enumerate(lines[1:], 1):
        event = line[:-77] + b"}"
        chain = hashlib.sha256(chain + event).digest()
        lines[number] = event[:-1] + b',"chain":"' + chain.hex().encode() + b'"}\n'
    return lines


async def test_an_export_is_loaded_with_equal_positions_ids_and_moments_into_a_log_of_its_own(
    database: str, exported: Path, server: str, template: str
) -> None:
    with fresh_database(server, template) as other:
        sealed = await seals(database)
        assert await load(other, exported, sealed) == 0
        assert await contents(database) == await contents(other)
        assert await identity(database) != await identity(other)
        assert sealed == await seals(other)
        again = exported.with_name("again.ndjson")
        await export(other, again)
    assert events_of(exported) == events_of(again)


async def test_what_was_loaded_can_be_written_on(exported: Path, server: str, template: str) -> None:
    with fresh_database(server, template) as other:
        await load(other, exported, {})
        async with Appender(other) as appender:
            answer = await appender.append(command(claim(new_id()), key=key()))
        assert len(LIVES) + 2 == answer.first


async def test_only_an_empty_log_is_loaded_into(
    database: str, exported: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = await contents(database)
    assert await load(database, exported, {}) == 1
    assert "not empty" in capsys.readouterr().err
    assert before == await contents(database)


async def test_nothing_is_loaded_under_a_running_projector(
    exported: Path, server: str, template: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with fresh_database(server, template) as other:
        async with LeaderCursor(other, "forwarder", "test") as cursor:
            assert await cursor.lead()
            assert await load(other, exported, {}) == 1
            assert "a projector runs" in capsys.readouterr().err
        assert await load(other, exported, {}) == 0


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda lines: lines[1:], "header"),
        (lambda lines: [*lines[:5], *lines[6:]], "position 5"),
        (lambda lines: [*lines[:5], lines[6], lines[5], *lines[7:]], "position 5"),
        (
            lambda lines: [*lines[:9], lines[9].replace(b'"id":', b'"id": '), *lines[10:]],
            "position 9",
        ),
        (lambda lines: [*lines[:9], b"{}\n", *lines[10:]], "position 9"),
        (lambda lines: [*lines[:-1], lines[-1][:-9]], f"position {len(LIVES) + 1}"),
        (lambda lines: lines[:0], "header"),
    ],
    ids=["no header", "left out", "exchanged", "respaced", "emptied", "cut off", "nothing at all"],
)
async def test_nothing_of_a_damaged_export_is_loaded(
    exported: Path,
    server: str,
    template: str,
    capsys: pytest.CaptureFixture[str],
    change: Callable[[list[bytes]], list[bytes]],
    said: str,
) -> None:
    damaged = rewritten(exported, change)
    with fresh_database(server, template) as other:
        assert await load(other, damaged, {}) == 1
        assert said in capsys.readouterr().err
        assert [] == await contents(other)
    assert said in verified(damaged, capsys=capsys)


async def test_a_forged_export_is_loaded_only_where_nobody_has_a_seal(
    database: str, exported: Path, server: str, template: str, capsys: pytest.CaptureFixture[str]
) -> None:
    changed = rewritten(exported, lambda lines: forged(lines, 1, "Статья 0".encode(), "Статья 1".encode()))
    with fresh_database(server, template) as other:
        assert await load(other, changed, await seals(database)) == 1
        assert "sealed otherwise" in capsys.readouterr().err
        assert [] == await contents(other)
        assert await load(other, changed, {}) == 0


async def test_the_offline_program_agrees_with_a_seal(
    database: str, exported: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    last = len(LIVES) + 1
    assert "consistent, not anchored" in verified(exported, capsys=capsys)
    ((position, chain),) = (await seals(database)).items()
    seal = f"{position}:{chain.hex()}"
    assert f"anchored: {last} events are what was sealed" in verified(exported, seal, capsys=capsys)
    await store(database, random_lives(2, articles=1, steps=5))
    await export(database, exported)
    assert "later ones consistent, not anchored" in verified(exported, seal, capsys=capsys)


async def test_a_rewritten_event_with_a_recomputed_chain_fails_against_a_seal_and_only_there(
    database: str, exported: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    early = early_seal(exported, 7)
    ((position, chain),) = (await seals(database)).items()
    late = f"{position}:{chain.hex()}"
    changed = rewritten(exported, lambda lines: forged(lines, 9, b'"actor"', b'"act0r"'))
    assert "consistent, not anchored" in verified(changed, capsys=capsys)
    assert f"position 1: an event from here to {position}" in verified(changed, late, capsys=capsys)
    assert f"position 8: an event from here to {position}" in verified(changed, early, late, capsys=capsys)


def test_the_offline_program_needs_nothing_but_python(tmp_path: Path) -> None:
    source = Path(verify_export.__file__)
    assert len(source.read_text().splitlines()) <= 120
    alone = tmp_path / "verify_export.py"
    alone.write_bytes(source.read_bytes())
    (tmp_path / "log").write_text('{"format":"frankenjet.log","version":1,"log":"0"}\n')
    ran = subprocess.run(
        [sys.executable, "-I", "-S", str(alone), str(tmp_path / "log")],
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout == "good: consistent, not anchored: 0 events, no seal to compare with\n"


def early_seal(path: Path, position: int) -> str:
    """Return the seal that a notary would have made at a position."""
    line = json.loads(path.read_bytes().splitlines()[position])
    return f"{line['position']}:{line['chain']}"


def test_seals_are_read_as_they_are_written() -> None:
    seal = Seal(12, bytes(range(32)))
    assert seals_of([str(seal)]) == {12: bytes(range(32))}
    assert verify_export.parse_seal(str(seal)) == (12, bytes(range(32)).hex())
    for wrong in (
        "",
        "12",
        "12:ab",
        f"-1:{'0' * 64}",
        f"0:{'0' * 64}",
        f"12:{'G' * 64}",
        f"{'9' * 19}:{'0' * 64}",
    ):
        with pytest.raises(Wrong):
            seals_of([wrong])
