"""A log for the cases of a module, emptied before each, and a factory of recorders on it."""

from collections.abc import Iterator

import psycopg
import pytest

from tests.databases import fresh_database
from write_side.recorder import LogFactory


@pytest.fixture(scope="module")
def log_of_this_module(server: str, template: str) -> Iterator[str]:
    """Address of a migrated database of the module's own."""
    with fresh_database(server, template) as dsn:
        yield dsn


@pytest.fixture
def database(log_of_this_module: str) -> str:
    """Address of a database whose log is empty; its owner is the login."""
    with psycopg.connect(log_of_this_module, autocommit=True) as owner:
        owner.execute("set synchronous_commit = off")
        for table in ("log.event", "log.key", "library.tracking", "library.snapshot"):
            owner.execute(f"delete from {table}")
    return log_of_this_module


@pytest.fixture
def factory(database: str) -> Iterator[LogFactory]:
    """Make recorders on an empty log."""
    with LogFactory({"DATABASE_URL": database}) as factory:
        yield factory
