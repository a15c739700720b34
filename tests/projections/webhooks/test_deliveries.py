"""What happened reaches each webhook in order, whatever its receiver or that of another one does."""

import asyncio
import json
from collections.abc import Sequence
from itertools import pairwise

from standardwebhooks import Webhook

from projections.webhooks.patience import Patience
from tests.projections.webhooks.given import sending, until
from tests.servers.receiving.receiver import BREAKS, ENDLESS, HANGS, Received, Receiver, receiving

REBINDING = "hooks.example"

NONE = "select 1 where not exists (select from"


def ids(receiver: Receiver) -> list[str]:
    return [one.headers["webhook-id"] for one in receiver.received]


async def test_a_publication_arrives_as_the_stream_tells_it_and_the_public_library_takes_its_signature(
    database: str,
) -> None:
    async with sending(database) as here, receiving() as receiver:
        made = await here.webhook(await here.account(), receiver.url)
        published = await here.published(3)
        await until(lambda: len(receiver.received) == 3)
    assert published == ids(receiver)
    one = receiver.received[0]
    told = Webhook(made.secret).verify(one.body, one.headers)
    assert ("1.0", published[0], "article.published") == (told["specversion"], told["id"], told["type"])
    assert "application/cloudevents+json" == one.headers["content-type"]
    assert [1, 2, 3] == [json.loads(each.body)["sequence"] for each in receiver.received]


async def test_a_receiver_that_fails_gets_the_same_event_again_under_the_same_id_signed_for_each_try(
    database: str,
) -> None:
    answers = [500, 301, 503, BREAKS]

    def answer(_: Received) -> int:
        return answers.pop(0) if answers else 204

    async with sending(database, Patience(first=1.4, longest=1.4)) as here, receiving(answer) as receiver:
        made = await here.webhook(await here.account(), receiver.url)
        published = await here.published(2)
        await until(lambda: here.rows("select 1 from hook.attempt having count(*) = 6"))
        tries = await here.rows("select try, status, why from hook.attempt order by number")
    assert [published[0]] * 5 + [published[1]] == ids(receiver)
    times = [int(one.headers["webhook-timestamp"]) for one in receiver.received]
    assert all(before < after for before, after in pairwise(times[:5])), times
    for one in receiver.received:
        Webhook(made.secret).verify(one.body, one.headers)
    assert [
        (1, 500, "not taken"), (2, 301, "not taken"), (3, 503, "not taken"),
        (4, None, "broke off, or is no HTTP"), (5, 204, None), (1, 204, None),
    ] == tries  # fmt: skip


async def test_receivers_that_do_their_worst_delay_nobody_else_and_lead_nowhere(database: str) -> None:
    """There are more of them than places for slow ones, and each is asked again and again."""
    asked: list[str] = []

    async def resolve(host: str, _port: int) -> Sequence[str]:
        asked.append(host)
        inwards = host == REBINDING and asked.count(REBINDING) > 1
        return ["10.0.0.1" if inwards else "127.0.0.1"]

    async with (
        sending(database, Patience(first=0.5, longest=1.0), resolve, seconds=2.0) as here,
        receiving() as well,
        receiving(lambda _: HANGS) as hanging,
        receiving(lambda _: ENDLESS) as endless,
        receiving(lambda _: 307) as redirecting,
        receiving(lambda _: 500) as failing,
        receiving() as rebinding,
    ):
        for _ in range(3):
            for receiver in (hanging, endless, redirecting, failing):
                who = await here.account()
                for _ in range(4):
                    await here.webhook(who, receiver.url)
        moved = f"http://{REBINDING}:{rebinding.port}/"
        bound = await here.webhook(await here.account(), moved)
        await here.webhook(await here.account(), well.url)
        await here.published(1)
        await until(lambda: len(hanging.received) >= 12 and len(well.received) == 1)
        began = asyncio.get_running_loop().time()
        await here.published(20)
        await until(lambda: len(set(ids(well))) == 21)
        took = asyncio.get_running_loop().time() - began
        why = "select distinct why from hook.attempt where endpoint = $1 and status is null"
        await until(lambda: len(endless.received) >= 12)
        refused = await here.rows(why, bound.id)
    assert took < 30.0, "would take 2 s for each event behind one that hangs"
    assert (1, [("leads to no public address",)]) == (len(rebinding.received), refused)
    assert len(set(ids(failing))) == 1, "the next one is not sent before the first is taken"


async def test_a_receiver_that_is_gone_is_sent_nothing_more(database: str) -> None:
    async with sending(database) as here, receiving(lambda _: 410) as receiver:
        made = await here.webhook(await here.account(), receiver.url)
        await here.published(3)
        await until(lambda: here.rows("select 1 from hook.endpoint where state = 'ended'"))
        await here.published(1)
        await asyncio.sleep(0.3)
        assert ("ended", "gone") == await here.state(made.id)
    assert 1 == len(receiver.received)


async def test_after_three_events_that_were_given_up_it_is_paused_and_goes_on_when_it_is_resumed(
    database: str,
) -> None:
    status = 500
    give_up_soon = Patience(first=0.05, longest=0.1, whole=0.001)
    async with sending(database, give_up_soon) as here, receiving(lambda _: status) as receiver:
        who = await here.account()
        made = await here.webhook(who, receiver.url)
        published = await here.published(5)
        await until(lambda: here.rows("select 1 from hook.endpoint where state = 'paused'"))
        assert ("paused", "failing") == await here.state(made.id)
        dead = await here.rows("select event::text, tries, status from hook.dead_letter order by position")
        assert [(one, 2, 500) for one in published[:3]] == dead
        assert [one for one in published[:3] for _ in range(2)] == ids(receiver)
        status = 200
        receiver.received.clear()
        await here.resume(who, made.id)
        await until(lambda: len(receiver.received) == 2)
        assert published[3:] == ids(receiver)
        last = json.loads(receiver.received[-1].body)["position"]
        await until(lambda: here.rows("select 1 from hook.endpoint where position >= $1", last))
        await here.replay(who, made.id, after=0)
        await until(lambda: len(receiver.received) == 7)
        assert published == ids(receiver)[2:]
        await until(lambda: here.rows(f"{NONE} hook.dead_letter)"))  # what is taken is no dead letter


async def test_what_is_wanted_once_more_comes_ahead_of_what_is_new(database: str) -> None:
    async with sending(database) as here, receiving() as receiver:
        who = await here.account()
        made = await here.webhook(who, receiver.url)
        published = await here.published(6)
        await until(lambda: len(receiver.received) == 6)
        positions = [json.loads(one.body)["position"] for one in receiver.received]
        await until(lambda: here.rows("select 1 from hook.endpoint where position >= $1", positions[-1]))
        receiver.received.clear()
        await here.pause(who, made.id)
        await here.replay(who, made.id, event=published[2])
        await here.replay(who, made.id, after=positions[3] - 1, upto=positions[4])
        new = await here.published(1)
        await here.resume(who, made.id)
        await until(lambda: len(receiver.received) == 4)
        assert [published[2], *published[3:5], *new] == ids(receiver)
        await until(lambda: here.rows(f"{NONE} hook.replay)"))


async def test_during_a_change_of_secrets_both_of_them_verify(database: str) -> None:
    async with sending(database) as here, receiving() as receiver:
        who = await here.account()
        first = await here.webhook(who, receiver.url)
        second = await here.rotate(who, first.id, hours=1)
        await here.published(1)
        await until(lambda: len(receiver.received) == 1)
        third = await here.rotate(who, first.id, hours=0)
        await here.published(1)
        await until(lambda: len(receiver.received) == 2)
    both, alone = receiver.received
    for secret, one in ((first, both), (second, both), (third, alone)):
        Webhook(secret.secret).verify(one.body, one.headers)
    assert [2, 1] == [len(one.headers["webhook-signature"].split()) for one in receiver.received]


async def test_what_is_not_chosen_is_not_sent(database: str) -> None:
    async with sending(database) as here, receiving() as receiver:
        who = await here.account()
        await here.webhook(who, receiver.url, kind=["aircraft"])
        await here.webhook(who, receiver.url, locale="ru")
        await here.webhook(who, f"{receiver.url}/all", type=["article.published"])
        await here.published(2)
        await until(lambda: len(receiver.received) == 2)
        await asyncio.sleep(0.3)
    assert ["/in/all"] * 2 == [one.path for one in receiver.received]


async def test_no_connection_is_held_while_there_is_no_webhook(database: str) -> None:
    held = "select count(*) from pg_stat_activity where application_name = 'frankenjet webhooks'"
    async with sending(database, empty=600) as here:
        await here.published(1)
        await asyncio.sleep(0.5)
        assert [(0,)] == await here.rows(f"{held} and datname = current_database()")
