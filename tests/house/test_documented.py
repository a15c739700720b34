"""Everything that a newcomer has to know is written down, and what is written down exists."""

import importlib
import re
import tomllib

from events.catalog import EVENTS
from events.content.field import Field
from events.kinds.catalog import KINDS
from kit.checkout import ROOT
from kit.settings import Settings
from scripts.bench.catalog import BENCHES, KNOWN
from scripts.cli.options import VERSION
from tests.given.product import files
from tests.house.test_tree import CEILING, ROOM


def test_every_event_is_described_with_its_payload() -> None:
    page = (ROOT / "docs" / "events.md").read_text()
    kinds = {
        kind: sort
        for sort, row in re.findall(r"^\| (in one|for all) languages? \| (.*) \|$", page, re.MULTILINE)
        for kind in re.findall("`(\\w+)`", row)
    }
    assert {one.name: "in one" if one.localized else "for all" for one in KINDS} == kinds
    steps = re.findall(r"^\| `([a-z]+)` \| ([^|]*)\| ([^|]*)\|", page, re.MULTILINE)
    rows = dict(re.findall(r"^\| `([a-z]+\.[a-z_]+)` \| ([^|]*)\|", page, re.MULTILINE))
    told = {type_: _members(fields) for type_, fields in rows.items()}
    for kind, sort in kinds.items():
        for step, common, local in steps:
            fields = _members(common) | (_members(local) if sort == "in one" else set())
            told[f"{kind}.{step}"] = fields
    assert {cls.TYPE: set(cls.__struct_fields__) for cls in EVENTS} == told


def _members(cell: str) -> set[str]:
    """Return the members that a cell of a table names."""
    return {one.strip() for one in re.sub(r"{[^}]*}", "", cell).split(",") if one.strip()}


def test_the_example_of_the_environment_names_every_setting_and_no_other() -> None:
    shown = set(re.findall(r"^#?\s?([A-Z][A-Z0-9_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    assert set(Settings.variables().values()) == shown


def test_every_type_of_field_is_described_with_what_lists_can_do_with_it() -> None:
    page = (ROOT / "docs" / "adding-a-field.md").read_text().partition("## The types")[2]
    told = {
        type_: (set(re.findall("`([a-z]+)`", does.partition("filter")[2])), "sort" in does)
        for types, does in re.findall(r"^\| ((?:`\w+Field`(?:, )?)+) \|[^|]*\|([^|]*)\|", page, re.MULTILINE)
        for type_ in re.findall(r"`(\w+)`", types)
    }
    for file in (ROOT / "events" / "content").glob("[a-z]*.py"):
        importlib.import_module(f"events.content.{file.stem}")
    types = {one for one in _below(Field) if one.__name__.endswith("Field") and not _below(one)}
    assert {one.__name__: (set(one.FILTERS), one.SORTS) for one in types} == told


def _below(cls: type[Field]) -> list[type[Field]]:
    return [found for one in cls.__subclasses__() for found in (one, *_below(one))]


def test_every_bench_is_described() -> None:
    page = (ROOT / "docs" / "measuring.md").read_text()
    usual, _, long = page.partition("The long ones run only when they are named")
    rows = [set(re.findall(r"^\| `([a-z0-9-]+)` \|", part, re.MULTILINE)) for part in (usual, long)]
    assert [set(BENCHES), set(KNOWN) - set(BENCHES)] == rows


def test_links_between_our_pages_lead_somewhere() -> None:
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")]
    broken = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in pages
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text())
        if not re.match(r"[a-z]+:|/", target) and not (page.parent / target).exists()
    ]
    assert [] == broken


def test_every_page_can_be_found_from_the_readme() -> None:
    linked = set(re.findall(r"\]\(docs/([\w-]+\.md)", (ROOT / "README.md").read_text()))
    assert {page.name for page in (ROOT / "docs").glob("*.md")} == linked


def test_each_decision_has_a_number_of_its_own() -> None:
    records = sorted((ROOT / "docs" / "adr").glob("*.md"))
    assert list(range(1, len(records) + 1)) == [int(path.name[:4]) for path in records]
    headings = [path.read_text().partition(".")[0] for path in records]
    assert [f"# {number}" for number in range(1, len(records) + 1)] == headings


def test_the_pictures_of_the_readme_are_there_and_small() -> None:
    shown = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", (ROOT / "README.md").read_text())
    assert ["docs/docs-page.png", "docs/data-flow.svg"] == shown
    assert [] == [name for name in shown if not 1_000 < (ROOT / name).stat().st_size < 150_000]


def test_every_verb_of_the_makefile_says_what_it_does() -> None:
    makefile = (ROOT / "Makefile").read_text()
    for verb in ("up", "test", "check", "prove"):
        assert re.search(rf"^{verb}:", makefile, re.MULTILINE), verb


def test_the_version_that_the_command_says_is_that_of_the_package() -> None:
    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"] == VERSION


def test_every_folder_of_code_is_in_the_table_of_places() -> None:
    table = (ROOT / "CONTRIBUTING.md").read_text().partition("## Where things are")[2].partition("\n## ")[0]
    modules = [file for file in files() if file.suffix == ".py"]
    top = {f"{file.parts[0]}/" for file in modules if len(file.parts) > 1}
    below = {f"{file.parts[1]}/" for file in modules if len(file.parts) > 2 and file.parts[0] != "tests"}
    listed = set(re.findall(r"`([a-z_]+/)`", table))
    assert [] == sorted((top | below) - listed - {"versions/"})


def test_every_schema_that_migrations_make_is_named_where_they_are_described() -> None:
    made = {
        schema
        for file in (ROOT / "migrations" / "sql").glob("*.sql")
        for schema in re.findall(r"^create schema (\w+)", file.read_text(), re.MULTILINE)
    }
    assert {"log", "auth", "hook", "project", "library"} == made
    told = (
        ("CONTRIBUTING.md", "`log`, `auth`, `hook`, `project` and `library`"),
        ("docs/operations.md", "makes the schemas `log`, `auth`, `hook`, `project` and `library`"),
    )
    assert [] == [page for page, words in told if words not in (ROOT / page).read_text()]


def test_the_ceilings_of_files_and_folders_are_told_as_they_are() -> None:
    told = " ".join((ROOT / "CONTRIBUTING.md").read_text().split())
    assert f"at most {ROOM} modules beside its `__init__.py`, and a file at most {CEILING} lines" in told


def test_every_exit_code_is_told_in_the_help_and_in_the_table() -> None:
    from scripts.cli import refusals
    from scripts.main import configured

    codes = {0, refusals.NO, refusals.CANNOT, refusals.WAITS, refusals.STOPPED, 143, refusals.UNREAD}
    table = (ROOT / "docs" / "operations.md").read_text().partition("| exit code |")[2].partition("\n\n")[0]
    assert codes == {
        int(one) for row in re.findall(r"^\| ([\d, ]+) \|", table, re.MULTILINE) for one in row.split(",")
    }
    for told in (configured.__doc__, refusals.__doc__):
        assert told is not None
        said = told.partition("xit codes")[2]
        assert codes == {int(one) for one in re.findall(r"\b\d+\b", said)} | {0}
        assert "serve" in said, "what ends with 0 when it is told to stop"
