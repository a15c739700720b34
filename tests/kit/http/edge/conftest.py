"""Lasting connections of tests are hung up, and a test may have a server that it ends."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kit.http.conftest import Server, served
from tests.kit.http.edge.client import clients


@pytest.fixture(autouse=True)
def _hung_up() -> Iterator[None]:
    """Close what a test has opened."""
    yield
    for client in clients:
        client.socket.close()
    clients.clear()


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Server]:
    """A server that a test may end."""
    with served(tmp_path / "log") as found:
        yield found
