"""Names of meanings are kept for the next process of the same build, and for no other."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from kit.checkout import ROOT
from kit.meaning.kept import KeptNames, build_of, kept_name, taking
from projections.builds.fingerprint import computed
from projections.catalog import PROJECTIONS
from read_side.entry.document import form
from write_side.bulk.aggregate import BULK
from write_side.entry.kinds import AGGREGATES
from write_side.media.aggregate import MEDIA

WRITTEN = "def fold(): return 1\n"

NAMES = """
import sys
from pathlib import Path
from scripts.cli.build_names import find_all, names_of_this_build

find_all(names_of_this_build(Path(sys.argv[1])))
"""


class Build:
    """A folder of code, and a file that keeps the names of its meaning."""

    def __init__(self, folder: Path) -> None:
        self.code = folder / "code"
        self.code.mkdir()
        self.file = self.code / "rows.py"
        self.file.write_text(WRITTEN)
        self.kept = folder / "names"
        self.found: list[str] = []

    def process(self) -> KeptNames:
        """Begin a process of what the files are now."""
        return KeptNames(self.kept, lambda: build_of([self.code]))

    def finder(self, name: str) -> Callable[[], str]:
        """Return what finds this name, and notes that it had to."""

        def find() -> str:
            self.found.append(name)
            return name

        return find


@pytest.fixture
def build(tmp_path: Path) -> Build:
    return Build(tmp_path)


def test_a_name_is_found_once_and_taken_by_every_later_process(build: Build) -> None:
    assert "a1" == build.process().name("rows", build.finder("a1"))
    for _ in range(2):
        later = build.process()
        assert "a1" == later.name("rows", build.finder("other"))
        assert "b2" == later.name("more rows", build.finder("b2"))
    assert ["a1", "b2"] == build.found


@pytest.mark.parametrize(
    "change",
    [
        lambda build: build.file.write_text("def fold(): return 2\n"),
        lambda build: (build.code / "more.py").write_text(""),
        lambda build: build.file.rename(build.code / "lines.py"),
        lambda build: build.file.unlink(),
    ],
    ids=["changed", "one more", "renamed", "one less"],
)
def test_another_build_finds_names_of_its_own(build: Build, change: Callable[[Build], object]) -> None:
    build.process().name("rows", build.finder("a1"))
    change(build)
    assert "c3" == build.process().name("rows", build.finder("c3"))


def test_another_library_makes_another_build(
    build: Build, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    libraries = tmp_path / "libraries"
    (libraries / "rowlib-1.0.dist-info").mkdir(parents=True)
    monkeypatch.syspath_prepend(libraries)
    build.process().name("rows", build.finder("a1"))
    (libraries / "rowlib-1.0.dist-info").rename(libraries / "rowlib-1.1.dist-info")
    assert "c3" == build.process().name("rows", build.finder("c3"))


def test_names_are_taken_only_while_the_build_is_asked_for_its_own(build: Build) -> None:
    names = build.process()
    with taking(names):
        assert "a1" == kept_name("rows", build.finder("a1"))
    assert "other" == kept_name("rows", build.finder("other"))
    with taking(names):
        assert "a1" == kept_name("rows", build.finder("other"))


def test_no_name_is_taken_by_a_process_whose_files_changed_while_it_loaded_them(build: Build) -> None:
    build.process().name("rows", build.finder("a1"))
    loading = build.process()
    build.file.write_text("def fold(): return 2\n")
    with taking(loading):
        assert "c3" == kept_name("rows", build.finder("c3"))


def test_a_name_is_not_kept_when_files_took_the_place_of_the_code_that_runs(build: Build) -> None:
    running = build.process()
    build.file.write_text("def fold(): return 2\n")
    assert "mixed" == running.name("rows", build.finder("mixed"))
    assert "mixed" == running.name("rows", build.finder("again"))
    build.file.write_text(WRITTEN)
    assert "a1" == build.process().name("rows", build.finder("a1"))


def test_processes_that_begin_together_keep_the_names_of_each_other(build: Build) -> None:
    one, two = build.process(), build.process()
    one.name("rows", build.finder("a1"))
    two.name("lines", build.finder("b2"))
    later = build.process()
    assert ["a1", "b2"] == [later.name(of, build.finder("other")) for of in ("rows", "lines")]
    assert [build.kept] == [path for path in build.kept.parent.iterdir() if path != build.code]


def test_a_file_that_cannot_be_read_is_a_part_of_the_build_as_well(build: Build) -> None:
    build.process().name("rows", build.finder("a1"))
    (build.code / "lock").symlink_to("nowhere")
    assert "c3" == build.process().name("rows", build.finder("c3"))
    assert "c3" == build.process().name("rows", build.finder("other"))


def test_where_no_bytecode_may_be_kept_names_are_taken_and_none_is_added(build: Build) -> None:
    build.process().name("rows", build.finder("a1"))
    taking = KeptNames(build.kept, lambda: build_of([build.code]), adding=False)
    assert ["a1", "b2"] == [taking.name("rows", build.finder("a2")), taking.name("lines", build.finder("b2"))]
    assert "b3" == build.process().name("lines", build.finder("b3"))


@pytest.mark.parametrize(
    "damaged", ["", "{", "[]", '{"build": 1}', '{"build": "BUILD", "names": {"rows": 1}}']
)
def test_a_damaged_file_is_written_again(build: Build, damaged: str) -> None:
    build.kept.write_text(damaged.replace("BUILD", build_of([build.code])))
    assert "a1" == build.process().name("rows", build.finder("a1"))
    assert "a1" == build.process().name("rows", build.finder("other"))


def test_where_nothing_can_be_written_names_are_found_each_time(build: Build) -> None:
    build.kept.mkdir()
    (build.kept / "full").touch()
    for _ in range(2):
        assert "a1" == build.process().name("rows", build.finder("a1"))
    assert ["a1", "a1"] == build.found


def test_what_is_kept_of_this_build_is_what_its_code_says(tmp_path: Path) -> None:
    path = tmp_path / "names"
    subprocess.run([sys.executable, "-c", NAMES, path], cwd=ROOT, env={"PYTHONPATH": str(ROOT)}, check=True)
    kept = json.loads(path.read_bytes())["names"]
    assert kept == (
        {f"read model {one.name}": computed(one) for one in PROJECTIONS}
        | {f"state of entry {kind}": one.fingerprint for kind, one in AGGREGATES.items()}
        | {f"state of {one.name}": one.fingerprint for one in (MEDIA, BULK)}
        | {"form of answers": form()}
    )
