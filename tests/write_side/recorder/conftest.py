"""One log for all these cases, emptied before each, and a factory of recorders on it."""

from collections.abc import Iterator

import psycopg
import pytest

from tests.servers.databases import fresh_database
from tests.write_side.recorder.given import told
from write_side.recorder import LogFactory


@pytest.fixture(scope="package")
def log_of_its_own(server: str, template: str) -> Iterator[str]:
    """Address of a migrated database for the recorder's cases alone."""
    with fresh_database(server, template) as dsn:
        yield dsn


@pytest.fixture
def database(log_of_its_own: str) -> str:
    """Address of a database whose log is empty; its owner is the login."""
    with psycopg.connect(log_of_its_own, autocommit=True) as owner:
        owner.execute("set synchronous_commit = off")
        for table in ("log.event", "log.key", "library.tracking", "library.snapshot"):
            owner.execute(f"delete from {table}")
    return log_of_its_own


@pytest.fixture
def factory(database: str) -> Iterator[LogFactory]:
    """Make recorders on an empty log."""
    with LogFactory(told(database)) as factory:
        yield factory
