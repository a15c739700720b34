"""What tests of whole pages begin with."""

from collections.abc import Iterator

import pytest

from tests.servers.stock import Stock


@pytest.fixture
def database(stock_of_sites: Stock) -> Iterator[str]:
    """Address of a fresh database whose read tables are empty."""
    with stock_of_sites.one() as dsn:
        yield dsn
