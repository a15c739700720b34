"""Readers of the log that do not keep up are told once, after a while, and told to be in order again."""

import asyncio
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from scripts.bot.kept import kept
from scripts.telegram.our_api import OurApi
from scripts.telegram.state import TABLES, TelegramState
from scripts.telegram.texts import shown
from scripts.telegram.watching import keep_watching
from tests.projections.forwarding.given import until
from tests.servers.beside import beside

GOOD = {"ready": True, "entries": {"position": 9, "lag_events": 0, "parked": 0}}
BEHIND = {"ready": False, "entries": {"position": 5, "lag_events": 4, "parked": 0}}
PARKED = {"ready": True, "entries": {"position": 9, "lag_events": 0, "parked": 2}}


class Ready:
    """What an API says at /readyz."""

    said: Any = GOOD
    address: str = ""


@pytest.fixture
def api() -> Iterator[Ready]:
    ready = Ready()

    class Api(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps(ready.said).encode()
            self.send_response(200 if ready.said["ready"] else 503)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None: ...

    server = HTTPServer(("127.0.0.1", 0), Api)
    ready.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield ready
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("trouble", [BEHIND, PARKED])
async def test_it_is_one_message_for_each_trouble(api: Ready, tmp_path: Path, trouble: Any) -> None:
    with kept(tmp_path / "bot", TABLES) as database:
        state = TelegramState(database)

        def texts() -> list[str]:
            return [shown(one.wanted).text for one in state.beginning("health")]

        async with (
            OurApi(api.address, "") as ours,
            beside(keep_watching(state, ours, -5, "en", patience=0.2, look=0.05)),
        ):
            await asyncio.sleep(0.5)
            assert [] == texts()
            for number in (1, 2):
                api.said = trouble
                await until(lambda number=number: len(texts()) == number)  # type: ignore[misc]
                await asyncio.sleep(0.5)
                assert number == len(texts())
                api.said = GOOD
                await until(lambda: "in order again" in texts()[-1])
            lag, parked = (trouble["entries"][name] for name in ("lag_events", "parked"))
            assert f"-{lag}, parked {parked}" in texts()[0]


async def test_an_api_that_does_not_answer_is_told(tmp_path: Path) -> None:
    with kept(tmp_path / "bot", TABLES) as database:
        state = TelegramState(database)
        async with (
            OurApi("http://127.0.0.1:1", "") as ours,
            beside(keep_watching(state, ours, -5, "en", patience=0.1, look=0.05)),
        ):
            await until(lambda: state.of("health") is not None)
        told = state.of("health")
        assert told is not None
        assert "the API does not answer" in shown(told.wanted).text
