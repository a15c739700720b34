"""The bot in Node that docs/bots.md shows: it misses and repeats nothing, whatever happens to it."""

import asyncio
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from aio_pika.abc import AbstractChannel

from kit.broker.publisher import LOG
from kit.broker.topology import declare
from kit.checkout import ROOT
from tests.given.messages import through
from tests.journeys.test_generated_clients import installed, missing
from tests.projections.forwarding.given import until
from tests.scripts.bot.test_bot import publish
from tests.servers.proxy import Proxy

pytestmark = [pytest.mark.rabbitmq, pytest.mark.prove, pytest.mark.timeout(300)]
pytest_plugins = ["tests.servers.broker"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the example and what it needs."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        missing("npm and node are not installed")
    made = tmp_path_factory.mktemp("node")
    (made / "package.json").write_text('{"private": true, "type": "module"}')
    installed(npm, "install", "--silent", "--no-audit", "--no-fund", "amqplib", folder=made)
    shutil.copy(ROOT / "docs" / "bot.mjs", made)
    return made


class Bot:
    """A running one."""

    def __init__(self, process: subprocess.Popen[bytes], out: Path) -> None:
        self.process = process
        self._out = out

    @property
    def positions(self) -> list[int]:
        return [int(line.split()[0]) for line in self._out.read_text().splitlines()]

    @property
    def said(self) -> str:
        return self._out.with_suffix(".err").read_text()

    @property
    def kept(self) -> int:
        """The position that it would go on from."""
        place = self._out.with_suffix("")
        return int(json.loads(place.read_text())["position"] or 0) if place.exists() else 0

    async def shows(self, *positions: int) -> None:
        await until(lambda: self.kept == positions[-1], seconds=30)
        assert list(positions) == self.positions


@contextmanager
def bot(folder: Path, url: str, place: Path, *more: str) -> Iterator[Bot]:
    """Run the example, and kill it afterwards."""
    out = place.with_suffix(".out")
    with out.open("wb") as lines, out.with_suffix(".err").open("wb") as errors:
        process = subprocess.Popen(
            ["node", "bot.mjs", str(place), *more], cwd=folder, stdout=lines, stderr=errors,
            env={"PATH": os.environ["PATH"], "RABBITMQ_URL": url},  # noqa: TID251 - for the child
        )  # fmt: skip
    try:
        yield Bot(process, out)
    finally:
        process.kill()
        process.wait()


async def test_it_goes_on_where_it_was_and_knows_copies_after_it_was_killed(
    folder: Path, broker_url: str, tmp_path: Path
) -> None:
    await declare(broker_url)
    await publish(broker_url, 1, 2, 3)
    with bot(folder, broker_url, tmp_path / "place", "first") as one:
        await one.shows(1, 2, 3)
    await publish(broker_url, 2, 3, *range(4, 1_200), 1, 2)
    with bot(folder, broker_url, tmp_path / "place") as one:
        await one.shows(*range(4, 1_200))
        await publish(broker_url, 1_200)
        await one.shows(*range(4, 1_201))
        assert "" == one.said


async def test_it_misses_nothing_over_an_outage(
    folder: Path, broker_url: str, broker_proxy: Proxy, tmp_path: Path
) -> None:
    await declare(broker_url)
    await publish(broker_url, 1)
    with bot(folder, through(broker_proxy, broker_url), tmp_path / "place", "first") as one:
        await one.shows(1)
        await broker_proxy.refuse()
        broker_proxy.reset()
        await publish(broker_url, 2, 3)
        await asyncio.sleep(1)
        await broker_proxy.accept()
        await one.shows(1, 2, 3)


async def test_it_finds_a_hole_by_itself_and_says_what_is_gone(
    folder: Path, broker_url: str, broker_channel: AbstractChannel, tmp_path: Path
) -> None:
    await declare(broker_url)
    await publish(broker_url, 1, 2)
    with bot(folder, broker_url, tmp_path / "place", "first") as one:
        await one.shows(1, 2)
    await broker_channel.queue_delete(LOG)
    await declare(broker_url)
    await publish(broker_url, 3, 4, 7)
    with bot(folder, broker_url, tmp_path / "place") as one:
        await one.shows(3, 4, 7)
        assert "what is between 4 and 7 is gone\n" == one.said


async def test_what_it_lacks_it_takes_when_it_is_sent_again_and_nothing_else(
    folder: Path, broker_url: str, tmp_path: Path
) -> None:
    await declare(broker_url)
    await publish(broker_url, 1, 2, 6)
    with bot(folder, broker_url, tmp_path / "place", "first") as one:
        await one.shows(1, 2, 6)
    await publish(broker_url, *range(1, 5), 6, *range(1, 7), 7)
    with bot(folder, broker_url, tmp_path / "place") as one:
        await one.shows(3, 4, 5, 7)
        assert "" == one.said


async def test_in_a_stream_that_ends_before_its_place_it_leaves_nothing_out(
    folder: Path, broker_url: str, broker_channel: AbstractChannel, tmp_path: Path
) -> None:
    await declare(broker_url)
    await publish(broker_url, *range(1, 1_001))
    with bot(folder, broker_url, tmp_path / "place", "first") as one:
        await one.shows(*range(1, 1_001))
    await broker_channel.queue_delete(LOG)
    await declare(broker_url)
    with bot(folder, broker_url, tmp_path / "place") as one:
        await asyncio.sleep(7)  # longer than it looks for the end of the stream
        async with asyncio.timeout(60):
            while not one.positions:
                await publish(broker_url, 1_001)
                await asyncio.sleep(0.2)
        await one.shows(1_001)


async def test_a_first_start_that_met_nothing_misses_nothing_later(
    folder: Path, broker_url: str, tmp_path: Path
) -> None:
    await declare(broker_url)
    await publish(broker_url, 1)
    with bot(folder, broker_url, tmp_path / "place"):
        await until((tmp_path / "place").exists, seconds=30)
    await asyncio.sleep(1)
    await publish(broker_url, 2, 3)
    with bot(folder, broker_url, tmp_path / "place") as one:
        await until(lambda: one.positions[-1:] == [3], seconds=30)
        assert [2, 3] == [position for position in one.positions if position > 1]
