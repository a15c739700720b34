"""What is kept under Idempotency-Keys: read again, or refused, and kept no longer than it has to be."""

import pytest

from events.codec import CODEC
from tests.write_side.log.given import rows, value
from tests.write_side.test_bus import article, call, create, refusal
from write_side.log.keys import forget_old
from write_side.main import bus


@pytest.mark.parametrize("kept", [b"{", b"", b"\x91\x01", b'{"id": 1}', b"\x97\xc4\x01{\xd9\x01\xff"])
async def test_a_receipt_that_nobody_can_read_is_refused_and_nothing_is_done_again(
    database: str, kept: bytes
) -> None:
    async with bus(database, CODEC) as running:
        await create(running, call("key"), article())
        await value(database, "update log.key set receipt = $1 returning 1", kept)
        refused = await refusal(create(running, call("key"), article()))
        assert (422, "key-reused") == (refused.status, refused.type)
    assert len(await rows(database)) == 2


async def test_keys_are_forgotten_when_they_are_old_however_many_there_are(database: str) -> None:
    async with bus(database, CODEC) as running:
        for number in range(5):
            await create(running, call(f"old-{number}"), article(f"tu-{number}"))
        await value(database, "update log.key set kept_at = kept_at - interval '3 days' returning 1")
        await create(running, call("new"), article("tu-154"))
        await running.streams.forget_receipts(48, at_once=2)
    assert 1 == await value(database, "select count(*) from log.key")


async def test_of_very_many_keys_none_is_kept_longer_than_was_promised(database: str) -> None:
    async with bus(database, CODEC) as running:
        await create(running, call("of yesterday"), article())
        await value(database, "update log.key set kept_at = kept_at - interval '30 hours' returning 1")
        await create(running, call("new"), article("tu-154"))
    await value(database, "analyze log.key")
    async with bus(database, CODEC) as running:
        assert 2 == await running.streams.receipts()
        await forget_old(running.streams, many=2)
        assert 2 == await value(database, "select count(*) from log.key")
        await forget_old(running.streams, many=1)
    assert 1 == await value(database, "select count(*) from log.key")
