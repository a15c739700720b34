"""The shell blocks of the README do what the README says, in its order, on a running site."""

import asyncio
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from kit.checkout import ROOT
from kit.storage.files import FileStorage
from scripts.sample import entries, lives
from scripts.seed import seed
from tests.given.sample import events_of_the_sample
from tests.servers.running import as_processes

pytest_plugins = ["tests.servers.broker"]

CURL = """
curl() { command curl -w '%{stderr}STATUS %{http_code}\\n' "$@"; }
"""
"""The same curl, which also says with which status each request was answered."""


def need_curl() -> None:
    """Skip the test where there is no curl; fail it on a build machine."""
    if shutil.which("curl") is None:
        if os.environ.get("CI"):  # noqa: TID251 - tests have no settings
            pytest.fail("no curl")
        pytest.skip("no curl")


EDIT = "An edit, and a read"


def chapter(title: str = EDIT) -> str:
    """Return a part of the README."""
    found = re.search(
        rf"^## {title}\n(.*?)^## ",
        (ROOT / "README.md").read_text("utf-8"),
        re.MULTILINE | re.DOTALL,
    )
    assert found is not None
    return found[1]


def test_each_step_of_the_readme_is_one_request_with_one_promised_status() -> None:
    steps = re.split(r"^\*\*\d+\.\*\*", chapter(), flags=re.MULTILINE)[1:]
    assert len(steps) > 12
    for step in steps:
        assert len(re.findall(r"`\d{3}`", step)) == 1, step
        assert len(re.findall(r"\bcurl ", step)) == 1, step


def steps(last: int, title: str = EDIT) -> str:
    """Return the shell of a chapter up to the end of a step."""
    begun = chapter(title).partition(f"**{last + 1}.**")[0]
    return "\n".join(re.findall(r"^```sh\n(.*?)^```$", begun, re.MULTILINE | re.DOTALL))


async def run_as_told(shell: str, url: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run shell of the README against a site, as a person does who reads it."""
    script = re.sub(r"^B=.*$", f"B={url}/v1", shell, count=1, flags=re.MULTILINE)
    script = script.replace(".venv/bin/frankenjet", f"'{sys.executable}' -m scripts.main")
    return await asyncio.to_thread(
        subprocess.run, ["bash", "-eu", "-c", CURL + script], cwd=ROOT,
        env={"PATH": os.environ["PATH"]} | environment,  # noqa: TID251 - for the shell
        capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip


def as_printed(block: str) -> re.Pattern[str]:
    """Return what a block of the README stands for: ids are others each time, `…` leaves something out."""
    text = re.sub(r"[0-9a-f]{8}-…", "ID", block.strip())
    return re.compile(re.escape(text).replace("ID", "[0-9a-f-]{36}").replace("…", "[^\n]+?"))


@pytest.mark.rabbitmq
async def test_the_bot_of_the_readme_prints_what_is_shown_there(
    database: str, tmp_path: Path, broker_url: str
) -> None:
    need_curl()
    page = (ROOT / "README.md").read_text("utf-8")
    found = re.search(
        r"^\$ RABBITMQ_URL=\S+ \.venv/bin/frankenjet (bot .*)\n((?:.+\n)*?)```$", page, re.MULTILINE
    )
    assert found is not None
    assert f"bot --after {events_of_the_sample()}" == found[1], "a bot that begins after the sample"
    await seed(database, storage=FileStorage(tmp_path / "media"))
    async with as_processes(database, tmp_path, rabbitmq_url=broker_url) as (running, site):
        listed = (await site.client.get("/v1/articles", params={"limit": "100"})).json()["items"]
        told_articles = re.search(r"(\d+) articles about (\d+) subjects", page)
        assert told_articles is not None
        counted = len(listed), len({life.subject_id for life in lives()})
        assert counted == tuple(map(int, told_articles.groups()))
        cards = Counter(one.kind.path.removeprefix("historical-") for one in entries())
        told_cards = re.findall(r"(\d+) (aircraft|persons|bureaus|manufacturers|events|facts)\b", page)
        assert {name: cards[name] for _, name in told_cards} == {name: int(one) for one, name in told_cards}
        key = str(tmp_path / "signing-key.pem")
        done = await run_as_told(
            steps(4), running.url, DATABASE_URL=database, FRANKENJET_SIGNING_KEY_FILE=key
        )
        assert 0 == done.returncode, done.stderr
        bot = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "scripts.main", *found[1].split(), cwd=ROOT,
            env={"PATH": os.environ["PATH"], "RABBITMQ_URL": broker_url},  # noqa: TID251 - for the bot
            stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        try:
            assert bot.stdout is not None
            async with asyncio.timeout(60):
                told: list[str] = []
                while len(told) < len(found[2].splitlines()):
                    line = (await bot.stdout.readline()).decode()
                    told += [] if line.startswith("account ") else [line]
        finally:
            bot.terminate()
            await bot.communicate()
    who = re.compile(r"by [0-9a-f]{4}\b")
    assert who.sub("by SOMEBODY", found[2]) == who.sub("by SOMEBODY", "".join(told))
    assert len(set(who.findall(found[2]))) == len(set(who.findall("".join(told)))), "who is who"


async def test_the_story_of_the_readme_goes_as_it_is_told(database: str, tmp_path: Path) -> None:
    need_curl()
    async with as_processes(database, tmp_path) as (running, site):
        key = str(tmp_path / "signing-key.pem")
        done = await run_as_told(
            steps(99), running.url, DATABASE_URL=database, FRANKENJET_SIGNING_KEY_FILE=key
        )
        assert done.returncode == 0, done.stderr
        promised = re.findall(r"`(\d{3})`", chapter())
        assert promised == re.findall(r"^STATUS (\d{3})$", done.stderr, re.MULTILINE), (
            done.stdout + done.stderr
        )
        for block in re.findall(r"^```json\n(.*?)^```$", chapter(), re.MULTILINE | re.DOTALL):
            assert as_printed(block).search(done.stdout), block
        receipt = done.stdout.splitlines()[0]
        assert done.stdout.endswith(receipt), "a retry has the same receipt"
        read = (await site.client.get("/v1/articles/antonov-an-2")).json()
        assert (4, "It first flew in 1947.") == (read["revision"], read["body"])


async def test_a_stranger_comes_in_and_goes_out_as_the_readme_tells(database: str, tmp_path: Path) -> None:
    need_curl()
    title = "An account of one's own"
    async with as_processes(database, tmp_path) as (running, _site):
        shell = "B=\n" + steps(99, title).replace(".state/mail", str(tmp_path / "mail"))
        done = await run_as_told(shell, running.url, DATABASE_URL=database)
    assert done.returncode == 0, done.stderr
    promised = re.findall(r"`(\d{3})`", chapter(title))
    assert len(promised) == 6
    assert promised == re.findall(r"^STATUS (\d{3})$", done.stderr, re.MULTILINE), done.stdout + done.stderr
    assert '"name":"Vera"' in done.stdout
