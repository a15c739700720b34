"""The house stays as it was drawn: where things are, how long files get, which words and bounds are used."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from kit.checkout import ROOT
from tests.given.product import files

TOP = {
    "kit", "events", "write_side", "projections", "read_side", "migrations", "scripts", "tests", "docs",
    ".ci", "compose.yml", "pyproject.toml", "README.md", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE",
    "Makefile", "Dockerfile", ".dockerignore", ".gitignore", ".python-version", ".env.example",
    "requirements.txt", "requirements-dev.txt", "deploy",
}  # fmt: skip

CEILING = 250
VERSIONS = ROOT / "migrations" / "versions"
"""Lines of a file."""

ROOM = 15
"""Modules of a folder, beside its `__init__`."""

FORBIDDEN = re.compile(r"(service|manager|repository|dto|usecase|use_case|helper|utils?)\b", re.IGNORECASE)


FILES = files()
PYTHON = [file for file in FILES if file.suffix == ".py"]


def test_nothing_new_stands_at_the_top() -> None:
    assert {file.parts[0] for file in FILES} <= TOP


def test_no_file_is_longer_than_the_ceiling() -> None:
    long = {str(file): len((ROOT / file).read_text().splitlines()) for file in PYTHON}
    assert {} == {name: lines for name, lines in long.items() if lines > CEILING}


def test_no_folder_has_more_modules_than_one_can_take_in() -> None:
    modules = Counter(file.parent for file in PYTHON if file.name != "__init__.py")
    assert {} == {str(folder): count for folder, count in modules.items() if count > ROOM}


BOTH_SIDES = {"Change", "Source"}
"""One thing that both sides know has one name on each: what changed, and what a text comes from."""


def test_no_two_public_classes_have_one_name() -> None:
    found: dict[str, set[str]] = {}
    for file in PYTHON:
        if file.parts[0] not in {"tests", "migrations"}:
            for node in ast.parse((ROOT / file).read_text()).body:
                if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                    found.setdefault(node.name, set()).add(str(file))
    twice = {name: places for name, places in found.items() if len(places) > 1}
    assert {} == {name: places for name, places in twice.items() if name not in BOTH_SIDES}


def test_every_file_says_in_one_line_what_it_is_for() -> None:
    product = [file for file in PYTHON if "tests" not in file.parts and "versions" not in file.parts]
    first = {str(file): (ROOT / file).read_text().partition("\n")[0] for file in product}
    assert {} == {name: line for name, line in first.items() if not re.fullmatch(r'""".{10,130}', line)}


def test_no_name_hides_behind_a_word_that_says_nothing() -> None:
    assert [] == [str(file) for file in PYTHON if FORBIDDEN.search(file.stem)]


def test_every_kind_of_entry_is_one_file() -> None:
    from events.kinds.catalog import KINDS

    files = {path.stem for path in (ROOT / "events" / "kinds").glob("[a-z]*.py")}
    assert files - {"catalog", "rules", "shared"} == {kind.name for kind in KINDS}


def test_the_product_names_no_machine_and_no_package_index() -> None:
    hosts = re.compile(r"(/root/|(?<![a-z])/home/[a-z]|pypi\.org|pythonhosted|npmjs|deb\.debian)")
    named = [
        str(file)
        for file in FILES
        if file.suffix not in {".png", ".ico"} and file != Path("tests/house/test_tree.py")
        and hosts.search((ROOT / file).read_text(errors="replace"))
    ]  # fmt: skip
    assert [] == named


def test_migrations_form_one_line_and_each_is_named_by_its_number() -> None:
    before = None
    for number, file in enumerate(sorted(VERSIONS.rglob("[0-9]*.py"), key=lambda file: file.name), 1):
        told = dict(re.findall(r'^(revision|down_revision)\b.*?= "?(\w+)"?$', file.read_text(), re.MULTILINE))
        assert {"revision": f"{number:04}", "down_revision": str(before)} == told, file.name
        assert file.name.startswith(f"{number:04}_")
        before = told["revision"]


LEAST_PATIENCE = 15
"""Seconds that a test waits for a state at least: a busy machine needs them, and they cost nobody else."""


def impatient(file: Path) -> Iterator[int]:
    """Yield the lines in which a test waits for a state and gives up soon."""
    nodes = ast.walk(ast.parse((ROOT / file).read_text()))
    for node in (one for one in nodes if isinstance(one, ast.stmt)):
        bounds: list[ast.expr] = []
        if isinstance(node, ast.AsyncWith) and isinstance(node.body[0], ast.While):
            calls = [item.context_expr for item in node.items]
            bounds = [
                one.args[0]
                for one in calls
                if isinstance(one, ast.Call) and ast.unparse(one.func) == "asyncio.timeout"
            ]
        elif isinstance(node, ast.Assert) and isinstance(node.test, ast.Call):
            bounds = node.test.args[1:] if ast.unparse(node.test.func) == "wait_until" else []
        for one in bounds:
            if (
                isinstance(one, ast.Constant)
                and isinstance(one.value, int | float)
                and one.value < LEAST_PATIENCE
            ):
                yield node.lineno


def test_no_test_gives_up_soon_what_a_busy_machine_takes_long_for() -> None:
    files = [file for file in PYTHON if file.parts[0] == "tests"]
    assert {} == {str(file): lines for file in files if (lines := list(impatient(file)))}
