"""The bot in Python that docs/bots.md shows, as it stands there."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from kit.broker.topology import declare
from kit.checkout import ROOT
from tests.projections.forwarding.given import until
from tests.scripts.bot.test_bot import publish

pytestmark = pytest.mark.rabbitmq
pytest_plugins = ["tests.servers.broker"]


@contextmanager
def example(url: str, folder: Path) -> Iterator[Path]:
    """Run the example of the page, yield the file that it prints to, and kill it."""
    page = (ROOT / "docs" / "bots.md").read_text()
    (program,) = re.findall(r"^```python\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    out = folder / "out"
    with out.open("wb") as lines:
        process = subprocess.Popen(
            [sys.executable, "-c", program], cwd=folder, stdout=lines, stderr=lines,
            env={"PATH": os.defpath, "PYTHONPATH": str(ROOT), "RABBITMQ_URL": url},
        )  # fmt: skip
    try:
        yield out
    finally:
        process.kill()
        process.wait()


async def test_the_example_of_the_page_tells_each_publication_once_over_a_kill(
    broker_url: str, tmp_path: Path
) -> None:
    await declare(broker_url)
    await publish(broker_url, 1, 2)
    with example(broker_url, tmp_path) as out:
        await until(lambda: out.read_text().count("\n") == 2, seconds=30)
        assert out.read_text().startswith("1: № 1 (")
        await publish(broker_url, 3)
        await until(lambda: out.read_text().count("\n") == 3, seconds=30)
        await publish(broker_url, 4)
        await until(lambda: "4: № 4" in out.read_text(), seconds=30)
    await publish(broker_url, 3, 5)
    with example(broker_url, tmp_path) as out:
        await until(lambda: "5: № 5" in out.read_text(), seconds=30)
        assert out.read_text().split(":")[0] in {"4", "5"}
