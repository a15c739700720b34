"""Accounts on a real database."""

from collections.abc import AsyncIterator

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kit.auth.keys import SigningKey, key_id
from kit.postgres.connect import connect
from tests.given.people import People


@pytest.fixture
async def people(database: str) -> AsyncIterator[People]:
    """Return what makes accounts in a fresh database."""
    private = Ed25519PrivateKey.generate()
    connection = await connect(database, "test owner")
    yield People(connection, SigningKey(key_id(private.public_key()), private))
    await connection.close()
