"""Broker and projector are killed while what readers may know goes out: nothing is lost or out of order."""

import asyncio
import random
from contextlib import suppress
from pathlib import Path

import aio_pika
import pytest
from aio_pika.exceptions import AMQPError

from kit.broker.topology import PUBLIC_LOG, declare_all
from tests.faults.test_broker_killed import node
from tests.journeys.stream.following import Aircraft, told_by
from tests.projections.forwarding.test_public import listening
from tests.servers.nodes.rabbitmq_node import Node
from tests.servers.running import as_processes

__all__ = ["node"]

pytestmark = [pytest.mark.rabbitmq, pytest.mark.prove]

ROUNDS = 4


async def test_a_bot_has_every_public_event_first_in_order_after_kills_of_broker_and_projector(
    database: str,
    tmp_path: Path,
    node: Node,
) -> None:
    chance = random.Random(5)  # noqa: S311 - repeatable, not secret
    await declare_all(node.url)
    await node.registered()
    async with as_processes(database, tmp_path, rabbitmq_url=node.url) as (running, site):
        plane = Aircraft(site)
        await plane.show()
        for number in range(ROUNDS):
            for more in range(30):
                await plane.step("PUT", "slug", {"slug": f"tu-{number}-{more}"})
                if more == chance.randrange(30):
                    running.kill("project")
                    running.start("project")
            if number % 2:
                await node.kill()
                for more in range(5):
                    await plane.step("PUT", "slug", {"slug": f"away-{number}-{more}"})
                await node.start()
        told = await told_by(site.client, plane.position)
        await queue_is_back(node.url)
        async with listening(node.url) as bot:
            await bot.until(len(told))
        assert [one["id"] for one in told] == [one["id"] for one in bot.first]
        assert [*range(1, len(told) + 1)] == [one["sequence"] for one in bot.first]


async def queue_is_back(url: str) -> None:
    """Wait until the stream can be read after the last start of the broker."""
    async with asyncio.timeout(40):
        while True:
            with suppress(AMQPError):
                async with await aio_pika.connect(url) as connection:
                    await (await connection.channel()).declare_queue(PUBLIC_LOG, passive=True)
                    return
            await asyncio.sleep(0.5)
