"""The small application over a fresh database."""

from collections.abc import AsyncIterator

import pytest

from kit.postgres.connect import READER, pool
from tests.given.people import People
from tests.kit.auth.application import House


@pytest.fixture
async def house(people: People, database: str) -> AsyncIterator[House]:
    reading = await pool(database, "test identity", READER, size=4)
    yield House(people, reading)
    await reading.close()
