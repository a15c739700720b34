"""What a projector writes is read by machines: lines of JSON, whatever its libraries have to say."""

import asyncio
import signal
from pathlib import Path

import orjson
import pytest

from tests.given.messages import through
from tests.servers.processes import processes
from tests.servers.proxy import Proxy
from tests.servers.running import forget, settings_for

pytestmark = pytest.mark.rabbitmq
pytest_plugins = ["tests.servers.broker"]


async def test_a_projector_whose_connections_to_the_broker_are_reset_writes_nothing_but_lines_of_json(
    database: str, tmp_path: Path, broker_url: str, broker_proxy: Proxy
) -> None:
    settings = settings_for(database, tmp_path, rabbitmq_url=through(broker_proxy, broker_url))
    output = tmp_path / "project.log"

    async def said(event: str) -> None:
        async with asyncio.timeout(30):
            while event not in output.read_text():  # noqa: ASYNC110 - another process writes it
                await asyncio.sleep(0.05)

    with processes(settings, tmp_path) as running:
        running.start("project")
        await said("forwarder.forwards")
        async with asyncio.timeout(60):
            while "aiormq" not in output.read_text():  # a reset between two connections is told by nobody
                broker_proxy.reset()
                await asyncio.sleep(0.5)
        await said("forwarder.waits")
        running.kill("project", signal.SIGTERM)
    lines = [orjson.loads(line) for line in output.read_text().splitlines()]
    assert "aiormq.connection" in {line.get("logger") for line in lines}
    await forget(settings)
