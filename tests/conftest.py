"""What every test may ask for: a migrated database of its own on a real server, and people in it."""

import asyncio
import gc
import signal
from collections.abc import AsyncIterator, Iterator
from types import FrameType

import pytest
import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kit.auth.keys import SigningKey, key_id
from kit.postgres.connect import connect
from projections.catalog import PROJECTIONS
from tests.given.people import People
from tests.servers.databases import migrated_template
from tests.servers.servers import postgres_url
from tests.servers.stock import Stock, stock_with_tables


def pytest_configure() -> None:
    """Have no event loop made by merely asking which one there is: nobody would close it.

    Signals that a shell or nohup lets this process disregard would mean nothing to what tests start either.
    """
    asyncio.set_event_loop(None)
    for number, handler in ((signal.SIGINT, signal.default_int_handler), (signal.SIGHUP, _disregarded)):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, handler)


def pytest_collection() -> None:
    """Look for no garbage while tests are gathered: there is none, and looking takes half of the time."""
    gc.disable()


def pytest_collection_finish() -> None:
    """Look for garbage from now on, and never again through what was gathered."""
    gc.freeze()
    gc.enable()


def _disregarded(_number: int, _frame: FrameType | None) -> None:
    """Disregard a signal here, and in no process that is started from here."""


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


@pytest.fixture(scope="session")
def stock_of_sites(server: str, template: str) -> Iterator[Stock]:
    """Databases made ahead, with the empty read tables of this build: a projector begins at once."""
    with stock_with_tables(server, template, *PROJECTIONS) as running:
        yield running


@pytest.fixture
def database(stock: Stock) -> Iterator[str]:
    """Address of a fresh migrated database; its owner is the login."""
    with stock.one() as dsn:
        yield dsn


@pytest.fixture(autouse=True)
def log_as_before() -> Iterator[None]:
    """Undo what a test has made of the log of this process: an application sets its form and its level."""
    before = structlog.get_config()
    yield
    structlog.configure(**before)


@pytest.fixture
async def people(database: str) -> AsyncIterator[People]:
    """Return what makes accounts in a fresh database."""
    private = Ed25519PrivateKey.generate()
    connection = await connect(database, "test owner")
    yield People(connection, SigningKey(key_id(private.public_key()), private))
    await connection.close()
