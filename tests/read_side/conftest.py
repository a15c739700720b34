"""A read side of the test's own."""

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.read_side.site import Site, site


@pytest_asyncio.fixture
async def here(database: str) -> AsyncIterator[Site]:
    """A site without Redis."""
    async with site(database) as one:
        yield one
