"""What others wrote takes little time to read, and ends no import, whatever it is."""

import json
import subprocess
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest

from kit.errors import Refused
from tests.write_side.importing.given import imported
from write_side.importing.formats.bundle import BundleOrigin
from write_side.importing.formats.git_objects import commit_facts
from write_side.importing.formats.git_plumbing import Git
from write_side.importing.record import Record
from write_side.importing.wording import one_line, title_of

PILE = "Ab" + "\u0301\u0316" * 100_000
LONG = 50_000
PATIENCE = 2.0
"""Seconds of the processor: it takes milliseconds, or else minutes."""


@pytest.mark.parametrize(
    "text", [PILE, "# " + PILE, "# a" + " " * LONG + "b", "title: a" + "\t" * LONG + "b"]
)
def test_a_line_of_any_shape_is_read_quickly(text: str) -> None:
    began = time.process_time()
    assert one_line(text, 300)
    assert title_of(f"---\n{text}\n---\n{text}", "x")
    assert time.process_time() - began < PATIENCE


@pytest.mark.parametrize("head", [b"<" * LONG, b" <" * LONG, b"a <b> 1 +0000\nencoding undefined"])
def test_a_commit_of_any_shape_is_read_quickly(head: bytes) -> None:
    began = time.process_time()
    facts = commit_facts(b"author " + head + b"\n\nWhy \xff " + b"x " * LONG)
    assert "Why" in facts.message
    assert time.process_time() - began < PATIENCE


@pytest.mark.parametrize("sources", ["- a" + " " * LONG + "b", "- " + "[" * LONG, "- " + "[](http://" * LONG])
async def test_sources_of_any_shape_are_read_quickly(tmp_path: Path, sources: str) -> None:
    origin = _bundle(tmp_path, {"a.json": json.dumps({"title": "A", "body": "b", "sources": sources})})
    (record,) = origin.records()
    assert isinstance(record, Record)
    assert record.read is not None
    began = time.process_time()
    assert 1 == len(record.read()["sources"])
    assert time.process_time() - began < PATIENCE


def _bundle(folder: Path, members: dict[str, str], **how: Any) -> BundleOrigin:
    path = folder / "some.zip"
    with zipfile.ZipFile(path, "w", **how) as made:
        for name, text in members.items():
            made.writestr(name, text)
    return BundleOrigin(path, name="some", locale="en", kinds={}, encoding="latin-1")


async def test_a_file_without_a_name_is_set_aside_and_the_rest_comes_in(
    database: str, tmp_path: Path
) -> None:
    names = [".md", "..md", "a/.md", ".json", ".", ""]
    _bundle(tmp_path, {**dict.fromkeys(names, "{}"), "ok.md": "# Ok"}).close()
    done = await imported(database, "zip", tmp_path / "some.zip")
    assert (sorted(names), 1) == (
        sorted(one.place for one in done.aside),
        done.report.events["article.created"],
    )


def test_a_zip_whose_end_hides_how_many_members_it_has_is_refused(tmp_path: Path) -> None:
    _bundle(tmp_path, {"ok.md": "# Ok"}).close()
    path = tmp_path / "some.zip"
    whole = path.read_bytes()
    at = whole.rfind(b"PK\x05\x06")
    path.write_bytes(whole[:at] + b"PK\x06\x07" + bytes(16) + whole[at:])
    with pytest.raises(Refused, match="large form"):
        BundleOrigin(path, name="some", locale="en", kinds={}, encoding="latin-1")


def test_a_member_that_is_packed_in_an_uncommon_way_is_set_aside(tmp_path: Path) -> None:
    origin = _bundle(tmp_path, {"ok.md": "# Ok"}, compression=zipfile.ZIP_LZMA)
    assert ["is packed in a way that is not read"] == [
        one.reason for one in origin.records() if not isinstance(one, Record)
    ]


@pytest.mark.parametrize("amount", ["NaN", "sNaN", "Infinity", "1e999999999", "9" * 10_000, "-0", "\u0663"])
async def test_an_amount_that_is_no_number_is_left_out(database: str, tmp_path: Path, amount: str) -> None:
    path = tmp_path / "items.json"
    unit = "http://www.wikidata.org/entity/Q3710"
    wrong = [("1", {"amount": amount}), ("2", {"amount": "+5", "lowerBound": amount})]
    path.write_text("".join(_item(f"Q{n}", value | {"unit": unit}) for n, value in wrong) + _item("Q3", {}))
    done = await imported(database, "wikidata", path)
    assert 3 == done.report.events.get("aircraft.created", 0) + len({one.place for one in done.aside})
    assert done.report.events["aircraft.created"] >= 1


def _item(name: str, amount: dict[str, str]) -> str:
    span = {"mainsnak": {"datavalue": {"type": "quantity", "value": amount}}}
    kind = {"mainsnak": {"datavalue": {"type": "wikibase-entityid", "value": {"id": "Q11436"}}}}
    labels = {"en": {"language": "en", "value": f"Aircraft {name}"}}
    said = {"id": name, "type": "item", "labels": labels, "claims": {"P31": [kind], "P2050": [span]}}
    return json.dumps(said) + "\n"


def _repository(folder: Path, *names: bytes) -> None:
    """Make a repository with files of these names, as git spells them."""
    stream = b"commit refs/heads/main\ncommitter A <a@b.c> 0 +0000\ndata 1\nx\n"
    stream += b"".join(b"M 100644 inline " + name + b"\ndata 4\n# Ok\n" for name in names)
    git = ["git", "-C", str(folder)]
    subprocess.run([*git, "init", "-q", "-b", "main"], check=True)
    subprocess.run([*git, "fast-import", "--quiet"], input=stream, check=True)


async def test_a_file_whose_name_is_not_in_utf_8_comes_in_from_git(database: str, tmp_path: Path) -> None:
    _repository(tmp_path, rb'"caf\351.md"', b".md", b"-rf.md")
    done = await imported(database, "git", tmp_path)
    assert (2, ["is not Markdown"]) == (
        done.report.events["article.created"],
        [one.reason for one in done.aside],
    )


def test_a_commit_that_changes_more_files_than_fit_is_refused(tmp_path: Path) -> None:
    _repository(tmp_path, *(b"%d.md" % number for number in range(100)))
    commits = Git(tmp_path).commits("HEAD")
    assert 100 == Git(tmp_path).changed(commits).count(b".md")
    with pytest.raises(Refused, match="says more than"):
        Git(tmp_path, most=1_000).changed(commits)
