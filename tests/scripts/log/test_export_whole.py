"""An export that is not whole, and seals that cannot both be true, are not overlooked."""

import json
import re
from pathlib import Path

import pytest

from kit.checkout import ROOT
from kit.forms import Wrong
from scripts.log.export import export
from scripts.log.import_log import load, seals_of
from tests.given.lives import store
from tests.scripts.log.test_export import (
    LIVES,
    contents,
    early_seal,
    exported,
    identity,
    rewritten,
    seals,
    verified,
)
from tests.servers.databases import fresh_database

__all__ = ["exported"]


async def test_an_export_that_broke_off_between_two_lines_is_not_taken_for_a_whole_one(
    exported: Path, server: str, template: str, capsys: pytest.CaptureFixture[str]
) -> None:
    events = len(LIVES) + 1
    for kept in (0, 5):
        broken = rewritten(exported, lambda lines, kept=kept: lines[: kept + 1])  # type: ignore[misc]
        with fresh_database(server, template) as other:
            assert await load(other, broken, {}) == 1
            assert f"broke off: it has {kept} of {events} events" in capsys.readouterr().err
            assert [] == await contents(other)
        assert f"position {kept + 1}: the export broke off" in verified(broken, capsys=capsys)


async def test_an_export_of_a_former_build_which_does_not_say_how_long_it_is_can_still_be_loaded(
    exported: Path, server: str, template: str, capsys: pytest.CaptureFixture[str]
) -> None:
    events = f',"events":{len(LIVES) + 1}'.encode()
    former = rewritten(exported, lambda lines: [lines[0].replace(events, b""), *lines[1:]])
    assert events not in former.read_bytes()
    assert "consistent" in verified(former, capsys=capsys)
    with fresh_database(server, template) as other:
        assert await load(other, former, {}) == 0


async def test_two_seals_of_one_position_that_differ_are_the_proof_and_not_overlooked(
    database: str, exported: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ((position, chain),) = (await seals(database)).items()
    seal, other = f"{position}:{chain.hex()}", f"{position}:{'0' * 64}"
    for both in ((seal, other), (other, seal)):
        assert f"bad: position {position}: two of the seals" in verified(exported, *both, capsys=capsys)
        with pytest.raises(Wrong, match="contradict"):
            seals_of(both)
    assert "anchored" in verified(exported, seal, seal, capsys=capsys)
    assert seals_of([seal, seal]) == {position: chain}


async def test_an_export_that_ends_before_a_seal_is_cut_off(
    database: str, exported: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ((position, chain),) = (await seals(database)).items()
    shorter = f'"events":{position - 1}'.encode()
    changed = rewritten(
        exported, lambda lines: [lines[0].replace(f'"events":{position}'.encode(), shorter), *lines[1:-1]]
    )
    assert f"sealed at {position}" in verified(changed, f"{position}:{chain.hex()}", capsys=capsys)


async def test_the_offline_program_says_what_the_page_about_it_says(
    exported: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = (ROOT / "docs" / "tamper-evidence.md").read_text()
    told = [
        re.sub(r"\b[NP]\b|\d+", lambda _: r"\d+", re.escape(one)).replace("…", ".+")
        for one in re.findall(r"`((?:good|bad): [^`]+)`", " ".join(page.split()))
    ]
    assert 4 == len(told)
    seals = [(), [early_seal(exported, len(LIVES) + 1)], [early_seal(exported, 7)], [f"7:{'0' * 64}"]]
    said = [verified(exported, *some, capsys=capsys) for some in seals]
    assert [] == [one for one in said if not any(re.fullmatch(words, one) for words in told)]
    assert 4 == len({next(words for words in told if re.fullmatch(words, one)) for one in said})


async def test_what_an_export_comes_to_is_said_as_data(
    database: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    await store(database, LIVES)
    path = tmp_path / "log.ndjson"
    assert 0 == await export(database, path, as_json=True)
    said = json.loads(capsys.readouterr().out)
    last = json.loads(path.read_bytes().splitlines()[-1])
    log = str(await identity(database))
    assert {"log": log, "position": last["position"], "chain": last["chain"]} == said
