"""Followers of the stream take little memory while they wait, and miss nothing while much comes."""

import pytest

from scripts.bench.lasting import sse

pytestmark = pytest.mark.prove


async def test_a_follower_that_waits_takes_no_more_than_sixty_kilobytes(database: str) -> None:
    found = await sse.idle(database, followers=400)
    assert (400, 401) == (found["followers"], found["heard"])
    assert found["ours"] <= sse.AIM_KB


async def test_each_follower_gets_each_event(database: str) -> None:
    found = await sse.busy(database, followers=20, rate=50, seconds=2.0)
    assert (100, 0) == (found["events"], found["lost"])
