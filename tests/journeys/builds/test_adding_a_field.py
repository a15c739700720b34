"""Adding a field to articles touches what the checklist names and nothing else, and keeps old articles."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from kit.checkout import ROOT
from tests.given.product import files
from tests.servers.running import in_process

EDITS = {
    "events/kinds/article.py": [
        (
            'LineField("title", ru="Название", en="Title", least=1, example="Antonov An-2"),\n',
            '        LineField("wingspan", ru="Размах крыла", en="Wingspan", limit=64, since=2),\n',
        ),
    ],
    "CHANGELOG.md": [
        ("### Added\n\n", "- Articles have a wingspan.\n"),
    ],
}
"""File → what stands there, and what is added behind it."""

CONCERNED = (
    "tests/events/test_golden.py",
    "tests/read_side/test_document.py::test_a_published_article_can_be_read",
    "tests/scripts/sample/test_sample_files.py",
)
"""Tests of the copy that know every field."""

GENERATORS = (
    "tests.events.new_golden",
    "scripts.dev.openapi",
    "scripts.dev.asyncapi",
    "scripts.dev.event_schemas",
)

ARTICLE = {
    "locale": "ru",
    "title": "Ту-144",
    "summary": "Сверхзвуковой пассажирский самолёт.",
    "body": "Первый полёт — 31 декабря 1968 года.",
    "sources": [{"title": "Ригмант В. Г. Ту-144"}],
}

JOURNEY = """
import asyncio, os, pathlib
from tests.servers.running import in_process

async def journey():
    async with in_process(os.environ["DSN"], pathlib.Path(os.environ["FOLDER"])) as site:
        async with asyncio.timeout(20):
            while (await site.client.get("/readyz")).status_code != 200:
                await asyncio.sleep(0.05)
        one = "/articles/" + os.environ["ARTICLE"]
        old = await site.client.get("/v1/articles/tu-144")
        assert (200, "") == (old.status_code, old.json()["wingspan"]), old.text
        assert (await site.editor.send("PATCH", one, {"wingspan": "x" * 65}, version=3)).status_code == 422
        await site.editor.done("PATCH", one, {"wingspan": "28,8 м"}, version=3)
        await site.editor.done("PUT", one + "/submission", version=4)
        last = await site.moderator.done("PUT", one + "/publication", {"revision": 2}, version=5)
        new = await site.client.get("/v1/articles/tu-144", params={"after": last["position"]})
        assert (200, "28,8 м") == (new.status_code, new.json()["wingspan"]), new.text
        compared = (await site.editor.send("GET", one + "/diff?from=1&to=2")).json()
        assert ["wingspan"] == [change["field"] for change in compared["changes"]]
        back = await site.editor.done("POST", one + "/revert", {"revision": 1}, version=6)
        draft = await site.editor.send("GET", f"{one}/draft?after={back['position']}")
        assert "" == draft.json()["wingspan"]
        made = await site.editor.done("POST", "/articles", {"locale": "en", "title": "X", "wingspan": "9 m"})
        draft = await site.editor.send("GET", f"/articles/{made['id']}/draft?after={made['position']}")
        assert "9 m" == draft.json()["wingspan"]

asyncio.run(journey())
"""


async def test_adding_a_field_touches_what_the_checklist_names(database: str, tmp_path: Path) -> None:
    copy = copied(tmp_path / "copy")
    for name, edits in EDITS.items():
        text = (copy / name).read_text()
        for anchor, addition in edits:
            assert text.count(anchor) == 1, f"{name}: {anchor}"
            text = text.replace(anchor, anchor + addition)
        (copy / name).write_text(text)
    for module in GENERATORS:
        run(copy, sys.executable, "-m", module)

    run(copy, "git", "add", "--all")
    touched = run(copy, "git", "diff", "--cached", "--name-only").splitlines()
    page = (copy / "docs" / "adding-a-field.md").read_text()
    assert sorted(re.findall(r"^- \[ \] `([^`]+)`", page, re.MULTILINE)) == touched

    run(copy, sys.executable, "-m", "pytest", *CONCERNED)

    article = await published_by_the_build_before(database, tmp_path)
    run(copy, sys.executable, "-c", JOURNEY, DSN=database, FOLDER=str(tmp_path), ARTICLE=article)


def copied(to: Path) -> Path:
    """Copy what belongs to the product, as a checkout of its own with one commit."""
    for name in files():
        (to / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, to / name)
    run(to, "git", "init", "--quiet")
    run(to, "git", "add", "--all")
    run(to, "git", "-c", "user.name=t", "-c", "user.email=t@example.org", "commit", "--quiet", "-m", "before")
    return to


def run(folder: Path, *command: str, **environment: str) -> str:
    """Run a command in a folder whose code comes before ours, and return what it prints."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}  # noqa: TID251 - handed on
    done = subprocess.run(
        command, cwd=folder, env=inherited | {"PYTHONPATH": str(folder)} | environment,
        capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


async def published_by_the_build_before(database: str, folder: Path) -> str:
    """Publish an article that knows nothing of the field; return its id."""
    async with in_process(database, folder) as site:
        made = await site.editor.done("POST", "/articles", ARTICLE)
        one = f"/articles/{made['id']}"
        await site.editor.done("PUT", f"{one}/submission", version=1)
        last = await site.moderator.done("PUT", f"{one}/publication", {"revision": 1}, version=2)
        seen = await site.client.get("/v1/articles/tu-144", params={"after": last["position"]})
        assert "wingspan" not in seen.json()
        id_: str = made["id"]
        return id_
