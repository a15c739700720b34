"""Whole answers after a rest of the polls: the first reader waits for one, and for no more than that."""

import asyncio

from read_side.fresh.purge import Purge
from read_side.fresh.served import TRUSTED, Served
from tests.read_side.answers.world import World
from tests.servers.proxy import proxied


async def test_what_is_kept_is_not_shown_after_a_rest_before_a_poll() -> None:
    world = World()
    await world.get()
    world.now += TRUSTED
    world.served.resting = True
    asking = asyncio.create_task(world.get())
    await asyncio.wait_for(world.served.wanted.wait(), 15)
    world.body = b"newer"
    world.stamp = 11
    world.poll(11, (11, ["entry:1"]))
    world.served.resting = False
    assert b"newer" == (await asking).content


async def test_after_a_rest_one_poll_is_enough_for_what_is_still_as_it_was() -> None:
    world = World()
    await world.get()
    world.now += TRUSTED
    world.served.resting = True
    asking = [asyncio.create_task(world.get()) for _ in range(5)]
    await asyncio.wait_for(world.served.wanted.wait(), 15)
    world.poll(10)
    assert [b"text"] * 5 == [(await one).content for one in asking]
    assert 1 == len(world.calls)


async def test_a_rest_without_a_poll_is_no_reason_to_wait_for_ever() -> None:
    world = World()
    await world.get()
    world.now += TRUSTED
    world.served.resting = True
    assert b"text" == (await world.get()).content
    assert 2 == len(world.calls)


async def test_who_asks_while_the_poll_after_a_rest_is_under_way_waits_for_it(database: str) -> None:
    served = Served({"entries": "of no build"})
    async with proxied(database) as (proxy, dsn), Purge(dsn, served):
        async with asyncio.timeout(30):
            while not (served.resting and not served.trusted):  # noqa: ASYNC110 - the polls do it
                await asyncio.sleep(0.01)
            proxy.delay = 0.05
            before = proxy.upstream
            while proxy.upstream == before:  # noqa: ASYNC110 - it has been asked, and the answer is on its way
                await asyncio.sleep(0)
        await served.awake()
        assert served.trusted
