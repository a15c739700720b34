"""Lasting connections cost little memory each, and every one of them hears that it is alive."""

import pytest

from scripts.bench.lasting import sockets

COUNT = 400


@pytest.mark.prove
async def test_idle_sockets_take_no_more_of_a_process_than_a_hundred_megabytes_for_two_thousand(
    database: str,
) -> None:
    found = await sockets.run(database, sockets=COUNT)
    assert ["sockets", "sockets-events"] == [one["bench"] for one in found]
    assert [COUNT, COUNT] == [one["heard"] for one in found]
    assert [] == [one for one in found if one["ours"] > sockets.AIM_MB * COUNT / sockets.SOCKETS]
