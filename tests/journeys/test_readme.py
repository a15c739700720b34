"""The shell blocks of the README do what the README says, in its order, on a running site."""

import asyncio
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.running import as_processes

ROOT = Path(__file__).resolve().parents[2]

CURL = """
curl() { command curl -w '%{stderr}STATUS %{http_code}\\n' "$@"; }
"""
"""The same curl, which also says with which status each request was answered."""


def chapter() -> str:
    """Return the part of the README that shows an edit and a read."""
    found = re.search(
        r"^## An edit, and a read\n(.*?)^## ",
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


async def test_the_story_of_the_readme_goes_as_it_is_told(database: str, tmp_path: Path) -> None:
    if shutil.which("curl") is None:
        if os.environ.get("CI"):  # noqa: TID251 - tests have no settings
            pytest.fail("no curl")
        pytest.skip("no curl")
    shell = "\n".join(re.findall(r"^```sh\n(.*?)^```$", chapter(), re.MULTILINE | re.DOTALL))
    async with as_processes(database, tmp_path) as (running, site):
        script = re.sub(r"^B=.*$", f"B={running.url}/v1", shell, count=1, flags=re.MULTILINE)
        script = script.replace(".venv/bin/frankenjet", f"'{sys.executable}' -m scripts.main")
        environment = {
            "PATH": os.environ["PATH"],  # noqa: TID251 - for the shell
            "DATABASE_URL": database,
            "FRANKENJET_SIGNING_KEY_FILE": str(tmp_path / "signing-key.pem"),
        }
        done = await asyncio.to_thread(
            subprocess.run, ["bash", "-eu", "-c", CURL + script], cwd=ROOT, env=environment,
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        promised = re.findall(r"`(\d{3})`", chapter())
        assert promised == re.findall(r"^STATUS (\d{3})$", done.stderr, re.MULTILINE), (
            done.stdout + done.stderr
        )
        receipt = done.stdout.splitlines()[0]
        assert done.stdout.endswith(receipt), "a retry has the same receipt"
        read = (await site.client.get("/v1/articles/antonov-an-2")).json()
        assert (4, "It first flew in 1947.") == (read["revision"], read["body"])
