"""What webhooks do is counted; they are told of the kinds of the build; their secrets are read by one."""

import json

import asyncpg
import pytest

from kit.health.tasks import ProcessHealth
from kit.http.edge.metrics import exposition
from kit.postgres.connect import ACCOUNTS, PROJECTOR, READER, WRITER, connect
from projections.health.metrics import ReaderMetrics
from projections.rebuild.worker import BuildModule
from projections.webhooks.patience import Patience
from tests.given.entries import Entry
from tests.given.museum import MUSEUM
from tests.projections.feed.build import CODEC, PROJECTIONS
from tests.projections.webhooks.given import Build, sending, until
from tests.read_side.kinds.world import VIEWS
from tests.servers.receiving.receiver import receiving

OTHER_KINDS = Build(CODEC, PROJECTIONS, BuildModule("tests.projections.feed.build"), VIEWS)


def figures(vitals: ProcessHealth) -> dict[str, float]:
    """Return what is told of webhooks: name and label → value."""
    text = exposition(ReaderMetrics(None, 0.0, vitals=vitals)).decode()
    lines = [line.rpartition(" ") for line in text.splitlines() if line.startswith("frankenjet_webhook")]
    return {name: float(value) for name, _, value in lines}


async def test_tries_and_the_states_of_webhooks_are_counted(database: str) -> None:
    vitals, give_up_soon = ProcessHealth(), Patience(first=0.05, longest=0.1, whole=0.001)
    async with (
        sending(database, give_up_soon, vitals=vitals) as here,
        receiving() as well,
        receiving(lambda _: 500) as failing,
    ):
        for receiver in (well, failing):
            await here.webhook(await here.account(), receiver.url)
        await here.published(3)
        await until(lambda: len(well.received) == 3)
        await until(lambda: figures(vitals)['frankenjet_webhooks{state="paused"}'] == 1)
        found = figures(vitals)
    tries = 'frankenjet_webhook_tries_total{{outcome="{}"}}'
    assert [3, len(failing.received), 3] == [
        found[tries.format(one)] for one in ("delivered", "failed", "given_up")
    ]
    assert 1 == found['frankenjet_webhooks{state="well"}']


async def test_a_webhook_of_a_build_with_other_kinds_is_told_of_them_as_the_stream_is(database: str) -> None:
    async with sending(database, build=OTHER_KINDS) as here, receiving() as receiver:
        await here.webhook(await here.account(), receiver.url, kind=["museum"])
        Entry(here.log, MUSEUM, "monino").publish()
        await here.store()
        await until(lambda: receiver.received)
    told = json.loads(receiver.received[0].body)["data"]
    assert ("museum", "monino", "/v1/museums/monino") == (told["kind"], told["slug"], told["path"])


@pytest.mark.parametrize("column", ["secret", "former"])
async def test_nobody_but_who_signs_reads_a_secret(database: str, column: str) -> None:
    for role in (ACCOUNTS, READER, WRITER):
        connection = await connect(database, "test", role)
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.fetch(f"select {column} from hook.endpoint")
        await connection.close()
    connection = await connect(database, "test", PROJECTOR)
    assert [] == await connection.fetch(f"select {column} from hook.endpoint")
    await connection.close()
