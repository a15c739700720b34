"""What tests of faults may ask for: a primary and a standby of their own."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.servers.nodes.replica import Pair, pair, template


@pytest.fixture(scope="session")
def data_folder() -> Iterator[Path]:
    """Folder of a migrated server, to be copied."""
    with template() as made:
        yield made


@pytest_asyncio.fixture
async def nodes(data_folder: Path) -> AsyncIterator[Pair]:
    """Give a primary and a standby that streams from it."""
    async with pair(data_folder) as both:
        yield both
