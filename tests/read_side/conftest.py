"""A read side of the test's own."""

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from tests.projections.given import PROJECTION
from tests.read_side.site import Site, site
from tests.servers.stock import Stock, stock_with_tables


@pytest.fixture(scope="session")
def stock_of_articles(server: str, template: str) -> Iterator[Stock]:
    """Databases made ahead, with the read tables of articles."""
    with stock_with_tables(server, template, PROJECTION) as stock:
        yield stock


@pytest.fixture
def database(stock_of_articles: Stock) -> Iterator[str]:
    """Address of a fresh database whose read tables are empty."""
    with stock_of_articles.one() as dsn:
        yield dsn


@pytest_asyncio.fixture
async def here(database: str) -> AsyncIterator[Site]:
    """A site without Redis."""
    async with site(database) as one:
        yield one
