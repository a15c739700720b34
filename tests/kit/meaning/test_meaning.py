"""Code has one name for what it does, however it is written and wherever it stands."""

import importlib
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent
from types import FrameType, ModuleType

import pytest

from kit.checkout import ROOT
from kit.meaning.values import Meaning

HANDLERS = '''
"""What it is for."""

from rows import limits
from rows.changes import Put, shorter as cut

WORDS = {"a", "b"}


class Handlers:
    """Say what they do."""

    def __init__(self, kind):
        self.kind = kind

    def handle(self, event, rows):
        """Say what it does."""
        return Put(cut(event.title), [word for word in WORDS if word])  # why


def made(kind):
    def handle(event):
        return kind, limits.LONGEST
    return handle
'''

CHANGES = """
import dataclasses

from rows import limits as bounds


@dataclasses.dataclass(frozen=True)
class Put:
    row: dict


def shorter(text):
    return text[: bounds.LONGEST]
"""

FILES = {"rows/__init__.py": "", "rows/limits.py": "LONGEST = 10\nUNUSED = 1\n", "rows/changes.py": CHANGES}


class Package:
    """A package of modules on disk, read afresh for each question."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def name(self, kind: object = "article", *, at: str = "rows.handlers", **changed: str) -> str:
        """Return the name of the handlers, with some files changed."""
        shutil.rmtree(self.folder / "rows", ignore_errors=True)
        files = FILES | {f"{at.replace('.', '/')}.py": HANDLERS}
        for path, text in (files | {f"rows/{key}.py": text for key, text in changed.items()}).items():
            (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
            (self.folder / path).write_text(dedent(text), encoding="utf-8")
        forget()
        importlib.invalidate_caches()
        module: ModuleType = importlib.import_module(at)
        return Meaning({"rows"}, {}).name(module.Handlers(kind).handle, module.made(kind))


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Package]:
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    yield Package(tmp_path)
    forget()


def forget() -> None:
    """Let the next import read the files again."""
    for name in [name for name in sys.modules if name.partition(".")[0] == "rows"]:
        del sys.modules[name]


@pytest.mark.parametrize(
    "same",
    [
        {"handlers": HANDLERS.replace("What it is for", "Something else")},
        {"handlers": HANDLERS.replace("# why", "# because")},
        {
            "handlers": HANDLERS.replace("return kind, limits", "return (\n            kind, limits").replace(
                "LONGEST\n", "LONGEST)\n"
            )
        },
        {"handlers": HANDLERS.replace("shorter as cut", "shorter").replace("cut(", "shorter(")},
        {"limits": "UNUSED = 2\n\nLONGEST = 10  # as before\n"},
        {
            "handlers": HANDLERS.replace(
                "rows.changes import Put,", "rows.kinds import Put; from rows.texts import"
            ),
            "kinds": CHANGES.partition("def shorter")[0],
            "texts": "import rows.limits\n\ndef shorter(text):\n    return text[: rows.limits.LONGEST]\n",
        },
    ],
    ids=["docstring", "comment", "layout", "alias", "what nobody refers to", "moved"],
)
def test_what_changes_nothing_gives_the_same_name(package: Package, same: dict[str, str]) -> None:
    assert package.name() == package.name(**same)


def test_a_module_can_be_renamed(package: Package) -> None:
    assert package.name() == package.name(at="rows.life.steps")


@pytest.mark.parametrize(
    "other",
    [
        {"handlers": HANDLERS.replace("event.title", "event.summary")},
        {"handlers": HANDLERS.replace('"a", "b"', '"a", "c"')},
        {"handlers": HANDLERS.replace("return kind,", "return None,")},
        {"limits": "LONGEST = 11\n"},
        {"changes": CHANGES.replace("row: dict", "row: dict\n    heavy: bool = False")},
        {"changes": CHANGES.replace("frozen=True", "frozen=False")},
        {"changes": CHANGES.replace("text[:", "text[1:")},
    ],
    ids=[
        "handler",
        "constant",
        "nested function",
        "limit",
        "field",
        "decorator",
        "function of another module",
    ],
)
def test_what_changes_the_result_gives_another_name(package: Package, other: dict[str, str]) -> None:
    assert package.name() != package.name(**other)


def test_the_state_of_a_handler_is_part_of_its_name(package: Package) -> None:
    names = [package.name(kind) for kind in ("article", "aircraft", {"a": 1}, {"a": 2}, ("a",), ["a"])]
    assert 5 == len(set(names)), "a list and a tuple of the same are the same"
    assert package.name({"a": 1, "b": 2}) == package.name({"b": 2, "a": 1})


def test_two_definitions_of_one_name_are_told_apart(package: Package) -> None:
    both = "from rows import one, two\n\ndef {}(kind):\n    return one.cut, two.cut\n\nclass Handlers:\n"
    both = both.format("made") + "    def __init__(self, kind): ...\n    def handle(self): ...\n"
    one, two = "def cut(text):\n    return text\n", "def cut(text):\n    return text[:1]\n"
    assert package.name(handlers=both, one=one, two=two) != package.name(handlers=both, one=two, two=one)


def test_what_cannot_be_described_is_said(package: Package) -> None:
    with pytest.raises(TypeError, match="an object of _thread"):
        package.name(__import__("threading").Lock())


READ = """
import hashlib, sys
sys.path.insert(0, sys.argv[1])
from kit.meaning.definitions import Definition, Definitions
known = Definitions({"events", "projections", "read_side", "kit", "write_side"})
roots = (("projections.catalog", "PROJECTIONS"), ("write_side.entry.state", "evolve"))
waiting, said = [Definition(*root) for root in roots], {}
while waiting:
    one = waiting.pop()
    if one not in said:
        said[one] = list(known.says(one))
        waiting += [part for part in said[one] if not isinstance(part, str)]
text = repr(sorted(said.items()))
print(len(said), hashlib.sha256(text.encode()).hexdigest())
"""


def test_every_python_reads_the_same(tmp_path: Path) -> None:
    """Interpreters that are installed beside this one, such as those of pyenv, read our own code."""
    script = tmp_path / "read.py"
    script.write_text(READ)
    versions = Path.home() / ".pyenv" / "versions"
    found = [sys.executable, *map(str, versions.glob("3.1[2-9].*/bin/python")), *_on_path()]
    said = {}
    for python in found:
        ran = subprocess.run([python, str(script), str(ROOT)], capture_output=True, text=True, check=False)
        if "No module" not in ran.stderr and "not found" not in ran.stderr:  # a shim without its Python
            assert "" == ran.stderr
            said[python] = ran.stdout
    assert 1 == len(set(said.values())), said
    assert int(said[sys.executable].split()[0]) > 50


def _on_path() -> list[str]:
    return [path for minor in range(12, 17) if (path := shutil.which(f"python3.{minor}"))]


def test_twice_as_many_objects_are_at_most_some_more_than_twice_the_steps() -> None:
    few, many = _steps(50), _steps(100)
    assert many < 2.2 * few, (few, many)


class Numbered:
    """Refers to many other values."""

    def __init__(self, number: int) -> None:
        self.members = {f"{number}-{n}": {n} for n in range(5)}


def _steps(count: int) -> int:
    """Return how many functions are called to name so many objects."""
    steps = 0

    def step(_frame: FrameType, event: str, _said: object) -> None:
        nonlocal steps
        steps += event == "call"

    made = [Numbered(number) for number in range(count)]
    meaning = Meaning({"tests"}, {})
    sys.setprofile(step)
    try:
        meaning.name(made)
    finally:
        sys.setprofile(None)
    return steps
