"""What every test may ask for: a migrated database of its own on a real server."""

from collections.abc import Iterator

import pytest
import structlog

from tests.servers.databases import migrated_template
from tests.servers.servers import postgres_url
from tests.servers.stock import Stock


@pytest.fixture(scope="session")
def server() -> str:
    """Address of a PostgreSQL server where databases may be made."""
    return postgres_url()


@pytest.fixture(scope="session")
def template(server: str) -> Iterator[str]:
    """Name of a migrated database that the others are copied from."""
    with migrated_template(server) as name:
        yield name


@pytest.fixture(scope="session")
def stock(server: str, template: str) -> Iterator[Stock]:
    """Databases made ahead."""
    with Stock(server, template).running() as running:
        yield running


@pytest.fixture
def database(stock: Stock) -> Iterator[str]:
    """Address of a fresh migrated database; its owner is the login."""
    name = stock.take()
    yield stock.dsn(name)
    stock.give_back(name)


@pytest.fixture(autouse=True)
def log_as_before() -> Iterator[None]:
    """Undo what a test has made of the log of this process: an application sets its form and its level."""
    before = structlog.get_config()
    yield
    structlog.configure(**before)
