"""The small application over a fresh database."""

from collections.abc import AsyncIterator

import pytest

from kit.db import READER, pool
from tests.kit.auth.application import House
from tests.kit.people import People


@pytest.fixture
async def house(people: People, database: str) -> AsyncIterator[House]:
    reading = await pool(database, "test identity", READER, size=4)
    yield House(people, reading)
    await reading.close()
