"""Numbers of what readers may know are dense, in the order of the log, and of events that are there."""

import pytest

from kit.postgres.connect import connect
from projections.verify.numbers import public_numbers
from tests.given.lives import random_lives, store

GIVEN = "insert into project.public (sequence, position) select * from unnest($1::bigint[], $2::bigint[])"


@pytest.mark.parametrize(
    ("sequences", "positions", "said"),
    [
        ([1, 2, 3], [2, 5, 6], "3 without a gap, in the order of the log"),
        ([], [], "0 without a gap, in the order of the log"),
        ([1, 3], [2, 5], "position 5 has number 3 for 2"),
        ([2, 1], [2, 5], "position 2 has number 2 for 1; position 5 has number 1 for 2"),
        ([1, 2], [2, 999], "number 2 is of position 999, which has no event"),
    ],
)
async def test_a_number_that_is_missing_moved_or_of_nothing_is_found(
    database: str, sequences: list[int], positions: list[int], said: str
) -> None:
    await store(database, random_lives(3, articles=2, steps=10))
    owner = await connect(database, "test owner")
    try:
        await owner.execute(GIVEN, sequences, positions)
        assert ("numbers", "without a gap" in said, said) == await public_numbers(owner)
    finally:
        await owner.close()
