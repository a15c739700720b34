"""What every test may ask for: a migrated database of its own on a real server."""

from collections.abc import Iterator

import pytest

from tests.databases import fresh_database, migrated_template
from tests.servers import postgres_url


@pytest.fixture(scope="session")
def server() -> str:
    """Address of a PostgreSQL server where databases may be made."""
    return postgres_url()


@pytest.fixture(scope="session")
def template(server: str) -> Iterator[str]:
    """Name of a migrated database that the others are copied from."""
    with migrated_template(server) as name:
        yield name


@pytest.fixture
def database(server: str, template: str) -> Iterator[str]:
    """Address of a fresh migrated database; its owner is the login."""
    with fresh_database(server, template) as dsn:
        yield dsn
