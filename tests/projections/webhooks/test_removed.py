"""What becomes of webhooks, and of others, when one is removed or the log becomes another one."""

import asyncio
import json
from functools import partial

from kit.health.tasks import ProcessHealth
from projections.engine.resync import resync
from projections.webhooks.patience import Patience
from tests.projections.webhooks.given import sending, until
from tests.servers.receiving.receiver import HANGS, Receiver, receiving
from write_side.webhooks.endpoints import remove

SLOW = Patience(first=60.0, longest=60.0)


async def test_one_that_is_removed_while_it_is_sent_to_ends_the_lead_of_nobody(database: str) -> None:
    vitals = ProcessHealth()
    async with (
        sending(database, SLOW, seconds=1.0, vitals=vitals) as here,
        receiving(lambda _: HANGS) as hanging,
        receiving() as well,
    ):
        await here.webhook(await here.account(), well.url)
        await here.published(1)
        await until(lambda: len(well.received) == 1)
        for number in range(1, 4):
            who = await here.account()
            made = await here.webhook(who, hanging.url)
            await here.published(1)
            await until(partial(_has, hanging, number))
            async with here.owner.transaction():
                await remove(here.owner, who, made.id)
            await asyncio.sleep(1.2)  # until nobody waits for its answer any more
        await until(lambda: len(well.received) == 4)
    assert "foreign key" not in vitals.tasks["webhooks"].error


def _has(receiver: Receiver, number: int) -> bool:
    return len(receiver.received) == number


async def test_when_the_log_becomes_another_one_what_comes_is_told_as_of_that(database: str) -> None:
    async with sending(database, SLOW) as here, receiving() as receiver, receiving(lambda _: 500) as waiting:
        who = await here.account()
        made = await here.webhook(who, receiver.url)
        await here.webhook(who, waiting.url)  # somebody has to lead meanwhile
        await here.published(2)
        await until(lambda: len(receiver.received) == 2 and waiting.received)
        assert [step.what async for step in resync(database, database, forget=True)]
        await here.published(1)
        await until(lambda: here.rows("select 1 from hook.endpoint where why = 'log'"))
        await here.resume(who, made.id)
        (published,) = await here.published(1)
        await until(lambda: len(receiver.received) == 3)
        log = str((await here.rows("select id from log.identity"))[0][0])
    told = json.loads(receiver.received[2].body)
    assert (published, log) == (told["id"], told["logid"])
