"""What every test may ask for: a migrated database of its own on a real server."""

import os
from collections.abc import Iterator

import psycopg
import pytest

from tests.databases import fresh_database, migrated_template

CANDIDATES = ("postgresql://postgres@127.0.0.1:5432/postgres",)


def _answers(dsn: str) -> bool:
    try:
        psycopg.connect(dsn, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


@pytest.fixture(scope="session")
def server() -> str:
    """Address of a PostgreSQL server where databases may be made."""
    given = os.environ.get("FRANKENJET_TEST_DATABASE_URL", "")  # noqa: TID251 - tests have no settings
    found = next((dsn for dsn in (given, *CANDIDATES) if dsn and _answers(dsn)), None)
    if found is None:
        pytest.fail("no PostgreSQL answers")
    return found


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
