"""A projector that is killed between the answer of a receiver and its mark repeats, and loses nothing."""

import signal
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

from kit.postgres.connect import connect
from tests.projections.webhooks.given import Sending, until
from tests.servers.copies.starting import send_to_session
from tests.servers.processes import processes
from tests.servers.receiving.receiver import Received, receiving
from tests.servers.running import forget, settings_for

KILLS = 6
EVENTS = 60


@pytest.mark.prove
async def test_what_was_taken_and_not_marked_is_sent_again_and_nothing_is_lost(
    database: str, tmp_path: Path
) -> None:
    settings = settings_for(database, tmp_path)
    owner = await connect(database, "test owner")
    here = Sending(database, owner)
    killed: list[str] = []
    running: dict[str, Any] = {}

    def answer(one: Received) -> int:
        """Take every tenth event, and kill the projector before it hears of that."""
        id_ = one.headers["webhook-id"]
        if len(receiver.received) % 10 == 0 and len(killed) < KILLS and id_ not in killed:
            killed.append(id_)
            send_to_session(running["projector"], signal.SIGKILL)
        return 200

    with processes(settings, tmp_path, FRANKENJET_WEBHOOKS_LOOPBACK="1") as started:
        running["projector"] = started.start("project")
        async with receiving(answer) as receiver:
            made = await here.webhook(await here.account(), receiver.url)
            published = await here.published(EVENTS)
            for number in range(KILLS):
                await until(partial(has_more, killed, number), 60)
                running["projector"].wait(30)
                running["projector"] = started.start("project")
            await until(lambda: len(set(seen(receiver.received))) == EVENTS, 60)
            told = seen(receiver.received)
    await owner.close()
    await forget(settings)
    assert published == list(dict.fromkeys(told)), "each in order, none is missing"
    repeated = [id_ for id_, same in groupby(told) if len(list(same)) > 1]
    assert killed == repeated, "what was taken before a kill, and nothing else, comes twice"
    assert len(told) == EVENTS + KILLS
    assert made.id


def has_more(killed: list[str], number: int) -> bool:
    return len(killed) > number


def seen(received: list[Received]) -> list[str]:
    return [one.headers["webhook-id"] for one in received]
