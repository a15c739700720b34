"""What the pages name in code exists: files, folders, definitions, verbs with their options, settings."""

import importlib
import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import typer
from markdown_it import MarkdownIt

from kit.checkout import ROOT
from kit.settings import Settings
from projections.catalog import PROJECTIONS
from scripts.bench.catalog import KNOWN
from scripts.main import every_verb
from tests.given.product import files

MARKDOWN = MarkdownIt("commonmark").enable("table")

FILES = files()
PAGES = [file for file in FILES if file.suffix == ".md" and file.name != "CHANGELOG.md"]
PATHS = {str(file) for file in FILES} | {str(folder) for file in FILES for folder in file.parents}
TOP = {file.parts[0] for file in FILES}
PACKAGES = {file.parts[0] for file in FILES if file.suffix == ".py" and len(file.parts) > 1}

YET_TO_COME = {
    "events/kinds/airline.py",
    "docs/event-schemas/article.created.2.json",
    "docs/event-schemas/article.revised.2.json",
    "tests/events/golden/article.created.2.json",
    "tests/events/golden/article.revised.2.json",
}
"""What a page tells its reader to make."""

MODELS = {one.name for one in PROJECTIONS}
NAMES = {"rebuild": MODELS, "abort": MODELS, "bench": set(KNOWN)}
"""Verb → the names that it takes."""

IN_A_FOLDER = re.compile(r"[\w.-]+\.(py|md|sh|sql|svg|toml|yml)")
CALL = re.compile(r"(?:\$ )?(?:[A-Z_]+=\S+ )*(?:\S*/)?frankenjet (.+)")
OUR_SETTING = re.compile(r"\bFRANKENJET_[A-Z_]+\b")
OF_TESTS = {"FRANKENJET_TEST_DATABASE_URL"}


def code(page: Path) -> Iterator[str]:
    """Yield each piece of code of a page."""
    return pieces((ROOT / page).read_text("utf-8"))


def pieces(text: str) -> Iterator[str]:
    """Yield each piece of code of a text: what stands in back-ticks, and the lines of blocks."""
    for token in MARKDOWN.parse(text):
        if token.type in {"fence", "code_block"}:
            yield from (line.partition(" # ")[0] for line in token.content.splitlines())
        for part in token.children or ():
            if part.type == "code_inline":
                yield " ".join(part.content.split())


def exists(name: str) -> bool:
    """Tell whether there is a file, module or folder of a name; `<…>` stands for anything."""
    if "<" in name:
        return any(Path(path).match(re.sub(r"<[^>]*>", "*", name)) for path in PATHS)
    if name.endswith("/") and name.count("/") == 1:
        return any(path.split("/")[-1] == name[:-1] for path in PATHS)
    if "/" not in name:
        return any(path.split("/")[-1] == name for path in PATHS)
    return bool({name.rstrip("/"), f"{name}.py"} & PATHS)


def is_path(word: str) -> bool:
    first, slash, rest = word.partition("/")
    return bool(
        (slash and first in TOP and not first.startswith("--"))
        or (slash and not rest and re.fullmatch("[a-z_]+", first))
        or IN_A_FOLDER.fullmatch(word)
    )


def on_pages(wrong: Callable[[Path], Iterable[str]]) -> dict[str, list[str]]:
    """Return what is wrong on each page where something is."""
    return {str(page): found for page in PAGES if (found := sorted(wrong(page)))}


def words(page: Path) -> set[str]:
    return {word.strip(",;:()'\"") for piece in code(page) for word in piece.split()}


def test_there_are_pages() -> None:
    assert len(PAGES) > 50


def test_every_form_in_which_markdown_has_code_is_read() -> None:
    spans = "A `word`, ```of ` three```,\n\n| a |\n|-|\n| `` `x` `` |"
    blocks = "    four\n\n- ```sh title\n  run # so\n  ```\n"
    assert ["word", "of ` three", "`x`", "four", "run"] == [*pieces(f"{spans}\n\n{blocks}")]


def test_every_path_that_a_page_names_exists() -> None:
    def lacking(page: Path) -> Iterator[str]:
        return (word for word in words(page) - YET_TO_COME if is_path(word) and not exists(word))

    assert {} == on_pages(lacking)


def test_every_definition_that_a_page_names_exists() -> None:
    dotted = re.compile(rf"({'|'.join(PACKAGES)})(\.\w+)+")

    def lacking(page: Path) -> Iterator[str]:
        named = (word for word in words(page) if dotted.fullmatch(word) and not IN_A_FOLDER.fullmatch(word))
        return (word for word in named if not defined(word))

    assert {} == on_pages(lacking)


def defined(name: str) -> bool:
    """Tell whether a dotted name is a module, or something in one."""
    module, found, rest = name.split("."), None, list[str]()
    while found is None and module:
        try:
            found = importlib.import_module(".".join(module))
        except ModuleNotFoundError:
            rest.insert(0, module.pop())
    for one in rest:
        found = getattr(found, one, None)
    return found is not None


@cache
def command() -> Any:
    return typer.main.get_command(every_verb())


def wrong_calls(piece: str) -> Iterator[str]:
    """Yield the verbs and options in a piece of code that the command does not have."""
    verbs: dict[str, Any] = command().commands
    called = CALL.match(piece)
    words = (called[1] if called else piece).replace(" | ", " ").split()
    if not called and (not words or words[0] not in verbs):
        return
    place: Any = command()
    for word in (one.strip(",;:.…()[]") for one in words):
        if word in verbs:
            place = verbs[word]
            verbs = getattr(place, "commands", verbs)
        elif word.startswith("--"):
            options = {option for one in place.params for option in one.opts}
            if word.partition("=")[0] not in options | {"--help"}:
                yield f"{piece}: {word}"
        elif (
            place.name in NAMES and re.fullmatch("[a-z][a-z0-9-]*", word) and word not in NAMES[place.name]
        ) or (word and hasattr(place, "commands") and not place.invoke_without_command):
            yield f"{piece}: {word}"


def test_every_verb_and_option_that_a_page_names_exists() -> None:
    assert {} == on_pages(lambda page: (wrong for piece in code(page) for wrong in wrong_calls(piece)))


def test_every_setting_that_a_page_names_exists() -> None:
    known = set(Settings.variables().values()) | OF_TESTS

    def lacking(page: Path) -> set[str]:
        return {word for piece in code(page) for word in OUR_SETTING.findall(piece)} - known

    assert {} == on_pages(lacking)
