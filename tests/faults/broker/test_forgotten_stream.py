"""A broker that was killed before it wrote down that it has streams: nothing goes past them; it is mended.

RabbitMQ takes such a stream for one that is down, and neither starts it nor lets anybody delete it.
"""

import json
import re
from pathlib import Path

import aio_pika
import pytest

from kit.broker.publisher import EXCHANGE, LOG
from kit.broker.topology import declare_all
from kit.checkout import ROOT
from scripts.models.resend import resend
from tests.faults.broker.test_broker_itself import BOT, ids_in
from tests.faults.broker.test_ways_to_broker import reason
from tests.faults.test_broker_killed import node
from tests.projections.forwarding.ways import ALL, WAYS, Going, is_, until
from tests.scripts.bot.test_bot import Screen, listening
from tests.servers.nodes.rabbitmq_node import Node

__all__ = ["node"]

pytestmark = [pytest.mark.rabbitmq, pytest.mark.prove]


async def test_a_forgotten_stream_is_said_and_made_again_and_bots_show_each_event_once(
    database: str, node: Node, tmp_path: Path
) -> None:
    await declare_all(node.url)
    async with await aio_pika.connect(node.url) as connection:
        queue = await (await connection.channel()).declare_queue(BOT, durable=True)
        await queue.bind(EXCHANGE, "#")
    await node.registered()
    going = Going(WAYS[0], database, node.url)
    await going.happens(0, 20)
    async with (
        going.forwarded(),
        listening(node.url, state=tmp_path / "place", after=0, json_output=True) as old,
    ):
        await until(lambda: shows(old, 20), 120)
        await node.kill()
        node.forget_streams()
        await going.happens(20, 40)
        await node.start()
        await until(lambda: waits_for_stream(database), 120)
        assert 20 == await going.sent()
        for one in WAYS:
            await node.control("eval", forgetting(one.log))
        await until(lambda: is_(going.sent(), 40), 120)
        await until(lambda: is_(going.missing(), ((1, 20),)), 120)
        async with listening(node.url, after=0, json_output=True) as new:
            await until(lambda: shows(new, 20), 120)
            assert ["what was between positions 0 and 21 is not there any more"] == new.told
            assert 0 == await resend(database, 1)
            await until(lambda: is_(going.missing(), ()), 120)
            await going.happens(40, ALL)
            for screen in (old, new):
                await until(lambda screen=screen: shows(screen, ALL), 120)  # type: ignore[misc]
    assert [*range(1, ALL + 1)] == positions(old)
    assert [*range(21, 41), *range(1, 21), *range(41, ALL + 1)] == positions(new)
    async with await aio_pika.connect(node.url) as connection:
        ids = await ids_in(await (await connection.channel()).get_queue(BOT))
    assert dict.fromkeys(one.id for one in await going.arrived()).keys() == dict.fromkeys(ids).keys()


def forgetting(queue: str) -> str:
    """Return what docs/operations.md says to have the broker evaluate, for one of our streams."""
    text = (ROOT / "docs" / "operations.md").read_text("utf-8")
    (told,) = re.findall(r"^rabbitmqctl eval '(.*internal_delete.*)'$", text, re.MULTILINE)
    assert LOG in told
    return str(told).replace(LOG, queue)


async def waits_for_stream(dsn: str) -> bool:
    return f"queue '{LOG}' in vhost '/' is down or inaccessible" in await reason(dsn, WAYS[0].reader)


async def shows(screen: Screen, events: int) -> bool:
    return len(screen.lines) == events


def positions(screen: Screen) -> list[int]:
    return [json.loads(line)["position"] for line in screen.lines]
