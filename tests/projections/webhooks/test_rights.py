"""A webhook is told what its account may know at the moment when it is sent, and never more."""

import asyncio
import json

from kit.auth.roles import Role
from kit.postgres.connect import PROJECTOR, connect
from projections.builds.fingerprint import fingerprint
from projections.catalog import PROJECTIONS
from projections.rebuild.replay import begin, replay
from projections.this_build import THIS_BUILD
from tests.projections.webhooks.given import sending, until
from tests.servers.receiving.receiver import Receiver, receiving
from write_side.accounts.admin.rights import disable, revoke


def types(receiver: Receiver) -> list[str]:
    return [json.loads(one.body)["type"] for one in receiver.received]


async def test_a_webhook_for_insiders_is_told_of_drafts_until_its_account_is_no_editor(database: str) -> None:
    async with sending(database) as here, receiving() as receiver, receiving() as anybody:
        editor = await here.account(Role.EDITOR)
        await here.webhook(editor, receiver.url, insiders=True)
        await here.webhook(editor, anybody.url)
        await here.published(1)
        await until(lambda: len(receiver.received) == len(here.log.events))
        assert {"slug.claimed", "article.created", "article.published"} <= set(types(receiver))
        await until(lambda: types(anybody) == ["article.published"])
        receiver.received.clear()
        await revoke(here.owner, editor.account, Role.EDITOR, actor=None)
        await here.published(1)
        await until(lambda: len(anybody.received) == 2 and receiver.received)
        assert ["article.published"] == types(receiver)


async def test_a_webhook_of_an_account_that_is_shut_out_is_paused(database: str) -> None:
    async with sending(database) as here, receiving() as receiver:
        who = await here.account()
        made = await here.webhook(who, receiver.url)
        await disable(here.owner, who.account, actor=None, force=True)
        await here.published(1)
        await until(lambda: here.rows("select 1 from hook.endpoint where state = 'paused'"))
        assert ("paused", "account") == await here.state(made.id)
    assert [] == receiver.received


async def test_nothing_goes_out_while_a_read_model_is_filled_again(database: str) -> None:
    async with sending(database) as here, receiving() as receiver:
        await here.webhook(await here.account(Role.EDITOR), receiver.url, insiders=True)
        await here.published(2)
        await until(lambda: len(receiver.received) == len(here.log.events))
        projector = await connect(database, "test rebuild", PROJECTOR)
        for projection in PROJECTIONS:
            rebuilt = await begin(projector, projection, fingerprint(projection), 2)
            await replay(database, THIS_BUILD, rebuilt, jobs=1, told=lambda _progress: None)
        await projector.close()
        await asyncio.sleep(1.5)
        assert len(here.log.events) == len(receiver.received)
