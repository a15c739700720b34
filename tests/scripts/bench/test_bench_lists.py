"""Lists are measured with what they are asked for: every answer is a good one."""

import pytest

from scripts.bench.lists import pages as lists


@pytest.mark.prove
async def test_pages_of_lists_and_of_entries_are_measured(database: str) -> None:
    found = await lists.run(database, aircraft=300, seconds=0.5)
    assert ["lists", "lists-by-maker", "aircraft-page"] == [one["bench"] for one in found]
    assert all(one["ours"] > 0 and one["peer"] > 0 for one in found)
