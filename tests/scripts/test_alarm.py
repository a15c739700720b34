"""Another process tells of readers that died, froze, halted or fall behind, in four ways, in 35 seconds."""

import re
import signal
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from kit.ids import new_id
from kit.running.processes import wait_until
from tests.given.lives import random_lives, store
from tests.projections.driving import projector
from tests.projections.forwarding.ways import is_, until
from tests.servers.processes import Processes, free_port, processes
from tests.servers.running import settings_for
from tests.servers.telegram.methods import Chats
from tests.servers.telegram.server import TOKEN, bot_api

WITHIN = 35.0
"""Seconds: thirty of standing still, and five more."""

NOBODY = "amqp://guest:guest@127.0.0.1:1/"

ADMINISTRATORS = -7

pytestmark = pytest.mark.prove


class Told:
    """What people and machines hear of trouble: by log, metric, mail and Telegram."""

    def __init__(self, folder: Path, port: int, chats: Chats) -> None:
        self._folder = folder
        self._port = port
        self._chats = chats

    def listens(self) -> bool:
        """Tell whether the alarm is there."""
        return "true" in page(self._port, "/livez")

    def ways(self) -> list[set[str]]:
        """Return the troubles that each way has told, such as `forwarder is behind`."""
        logged = re.findall(r'"reader": "(\w+)", "what": "(\w+)"', (self._folder / "alarm.log").read_text())
        with urllib.request.urlopen(f"http://127.0.0.1:{self._port}/metrics", timeout=5) as answer:
            counted = re.findall(
                r'^frankenjet_alarm\{reader="(\w+)",what="(\w+)"\} 1', answer.read().decode(), re.MULTILINE
            )
        mails = [one.read_text() for one in (self._folder / "state" / "mail").glob("*.eml")]
        posts = [one.text.partition("\n")[0] for one in self._chats.in_chat(ADMINISTRATORS)]
        return [
            {f"{reader} is {what}" for reader, what in logged},
            {f"{reader} is {what}" for reader, what in counted},
            {
                found
                for one in mails
                for found in re.findall(r"^Subject: FrankenJet: (.+)$", one, re.MULTILINE)
            },
            set(posts),
        ]


@contextmanager
def watched(database: str, folder: Path) -> Iterator[tuple[Processes, Told]]:
    """Run an alarm, and let processes be started whose broker is away."""
    (folder / "state").mkdir()
    telegram, port = folder / "telegram.toml", free_port()
    with bot_api(Chats({ADMINISTRATORS: "supergroup"}, {})) as server:
        telegram.write_text(
            f'bot_token = "{TOKEN}"\ntoken = "t"\nbot_api = "{server.address}"\n'
            f"moderators = -5\nadministrators = {ADMINISTRATORS}\n"
        )
        with processes(
            settings_for(database, folder), folder,
            FRANKENJET_STATE=str(folder / "state"), FRANKENJET_ALARM_MAIL="operators@example.org",
            FRANKENJET_ALARM_PORT=str(port), FRANKENJET_TELEGRAM_FILE=str(telegram), RABBITMQ_URL=NOBODY,
        ) as running:  # fmt: skip
            yield running, Told(folder, port, server.chats)


def page(port: int, path: str) -> str:
    """Return what a health port says; nothing while nobody answers."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
            text: str = answer.read().decode()
            return text
    except OSError:
        return ""


def told_in_time(told: Told, began: float, wanted: set[str]) -> bool:
    """Wait until each way has told of some troubles; tell whether that was in time."""
    if not wait_until(lambda: all(one >= wanted for one in told.ways()), WITHIN + 25):
        raise AssertionError(told.ways())
    return time.monotonic() - began <= WITHIN


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP])
async def test_operators_are_told_of_a_projector_that_stands_still(
    database: str, tmp_path: Path, how: signal.Signals
) -> None:
    with watched(database, tmp_path) as (running, told):
        projector_ = running.start("project")
        assert wait_until(lambda: "projection.current" in (tmp_path / "project.log").read_text(), 30)
        running.start("alarm")
        assert wait_until(told.listens, 30)
        assert not wait_until(lambda: any(told.ways()), 5), "all is well"
        projector_.send_signal(how)
        began = time.monotonic()
        await store(database, random_lives(1, articles=1, steps=2))
        assert told_in_time(told, began, {"entries is stopped", "feed is stopped"})
        if how == signal.SIGSTOP:
            projector_.send_signal(signal.SIGCONT)


async def test_operators_are_told_of_one_that_halts_and_of_one_that_falls_behind(
    database: str, tmp_path: Path
) -> None:
    """The broker of the forwarder is away, and the log does not hold what the notary has seen."""
    with watched(database, tmp_path) as (running, told):
        began = time.monotonic()
        await store(database, random_lives(1, articles=1, steps=2))
        running.start("project")
        assert wait_until(lambda: "projection.current" in (tmp_path / "project.log").read_text(), 30)
        running.start("alarm")
        assert wait_until(told.listens, 30)
        await until(lambda: is_(sealed(database), expected=True))
        async with projector(database) as connection:
            await connection.execute("update project.cursor set event = $1 where schema = 'notary'", new_id())
        rewound = time.monotonic()
        assert told_in_time(told, began, {"forwarder is behind"})
        assert told_in_time(told, rewound, {"forwarder is behind", "notary is halted"})


async def sealed(dsn: str) -> bool:
    async with projector(dsn) as connection:
        position = await connection.fetchval("select position from project.cursor where schema = 'notary'")
        return bool(position) and position == await connection.fetchval("select log.head()")
