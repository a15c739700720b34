"""An account has what happens sent to an address of its own, and sees and steers how that goes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from standardwebhooks import Webhook

from kit.postgres.connect import ACCOUNTS, connect, pooled
from tests.given.imports import admin_of
from tests.journeys.stream.following import Aircraft
from tests.projections.webhooks.given import until
from tests.servers.receiving.receiver import Receiver, receiving
from tests.servers.running import Editor, Site, in_process, problem
from write_side.accounts.mail.texts import mail_text
from write_side.webhooks.telling import tell


@asynccontextmanager
async def trying_out(database: str, folder: Path) -> AsyncIterator[tuple[Site, Receiver]]:
    async with receiving() as receiver, in_process(database, folder, webhooks_loopback=True) as site:
        yield site, receiver


async def registered(who: Editor, url: str, **wanted: Any) -> dict[str, Any]:
    return await who.done("POST", "/webhooks", {"url": url, **wanted})


async def shown(who: Editor, id_: str, what: str = "") -> Any:
    answer = await who.send("GET", f"/webhooks/{id_}{what}")
    assert 200 == answer.status_code, answer.text
    return answer.json()


def kind(answer: httpx2.Response) -> str:
    return str(problem(answer)["type"]).removeprefix("/problems/")


async def test_what_is_published_is_sent_signed_with_the_secret_that_was_told_once(
    database: str, tmp_path: Path
) -> None:
    async with trying_out(database, tmp_path) as (site, receiver):
        made = await registered(site.editor, receiver.url, kind=["aircraft"], description="Mine")
        plane = Aircraft(site)
        await plane.show()
        await until(lambda: receiver.received)
        one = receiver.received[0]
        told = Webhook(made["secret"]).verify(one.body, one.headers)
        assert ("aircraft.published", plane.id) == (told["type"], told["data"]["entry"])
        await until(lambda: has_position(site.editor, made["id"], plane.position))
        state = await shown(site.editor, made["id"])
        assert ("active", None, ["aircraft"], "Mine", 0) == (
            state["state"], state["why"], state["kind"], state["description"], state["tries"],
        )  # fmt: skip
        assert made["secret"] not in str(state)
        (attempt,) = (await shown(site.editor, made["id"], "/attempts"))["items"]
        assert ("aircraft.published", 1, 204, told["id"]) == (
            attempt["type"], attempt["attempt"], attempt["status"], attempt["event"],
        )  # fmt: skip
        assert {"items": []} == await shown(site.editor, made["id"], "/dead-letters")


async def has_position(who: Editor, id_: str, position: int) -> bool:
    return int((await shown(who, id_))["position"]) >= position


async def test_its_owner_pauses_it_changes_it_and_has_something_sent_once_more(
    database: str, tmp_path: Path
) -> None:
    async with trying_out(database, tmp_path) as (site, receiver):
        made = await registered(site.editor, receiver.url, kind=["aircraft"])
        place = f"/webhooks/{made['id']}"
        assert 204 == (await site.editor.send("PUT", f"{place}/paused")).status_code
        plane = Aircraft(site)
        await plane.show()
        await asyncio.sleep(0.5)
        assert ([], "owner") == (receiver.received, (await shown(site.editor, made["id"]))["why"])
        assert 204 == (await site.editor.send("DELETE", f"{place}/paused")).status_code
        await until(lambda: len(receiver.received) == 1)
        event = receiver.received[0].headers["webhook-id"]
        await until(lambda: has_position(site.editor, made["id"], plane.position))
        answer = await site.editor.send("POST", f"{place}/replays", {"event": event})
        assert (202, plane.position) == (answer.status_code, answer.json()["upto"])
        await until(lambda: len(receiver.received) == 2)
        assert event == receiver.received[1].headers["webhook-id"]
        later = await site.editor.send("POST", f"{place}/replays", {"after": 10_000})
        neither = await site.editor.send("POST", f"{place}/replays", {})
        unknown = await site.editor.send("POST", f"{place}/replays", {"event": made["id"]})
        assert ["still-to-come", "invalid", "not-found"] == [kind(one) for one in (later, neither, unknown)]
        changed = {"url": f"{receiver.url}/else", "kind": ["article"]}
        assert 204 == (await site.editor.send("PUT", place, changed)).status_code
        await plane.show(crew=3)
        await asyncio.sleep(0.5)
        assert 2 == len(receiver.received)
        second = await site.editor.done("POST", f"{place}/secret", {"overlap_hours": 1})
        assert made["secret"] != second["secret"]
        assert 204 == (await site.editor.send("DELETE", place)).status_code
        assert 404 == (await site.editor.send("GET", place)).status_code


async def test_nobody_sees_or_steers_another_ones_but_an_administrator(database: str, tmp_path: Path) -> None:
    async with trying_out(database, tmp_path) as (site, receiver):
        made = await registered(site.editor, receiver.url)
        place = f"/webhooks/{made['id']}"
        for method, path, body in (
            ("GET", place, None), ("PUT", f"{place}/paused", None), ("DELETE", place, None),
            ("POST", f"{place}/replays", {"after": 0}), ("GET", f"{place}/attempts", None),
            ("GET", f"{place}/dead-letters", None), ("POST", f"{place}/secret", {}),
            ("PUT", place, {"url": receiver.url}),
        ):  # fmt: skip
            assert 404 == (await site.moderator.send(method, path, body)).status_code, (method, path)
        assert {"items": []} == (await site.moderator.send("GET", "/webhooks")).json()
        assert 403 == (await site.moderator.send("GET", "/webhooks?everybody=true")).status_code
        token = (await admin_of(site.dsn, tmp_path))["Authorization"].removeprefix("Bearer ")
        admin = Editor(site.client, token)
        listed = (await admin.send("GET", "/webhooks?everybody=true")).json()["items"]
        assert [made["id"]] == [one["id"] for one in listed]
        assert 204 == (await admin.send("PUT", f"{place}/paused")).status_code
        own = (await site.editor.send("GET", "/webhooks")).json()["items"][0]
        for_another = await registered(admin, receiver.url, account=own["account"])
        assert own["account"] == (await shown(admin, for_another["id"]))["account"]
        refused = await site.moderator.send(
            "POST", "/webhooks", {"url": receiver.url, "account": own["account"]}
        )
        assert 403 == refused.status_code


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:9000/",
        "https://10.0.0.1/",
        "https://[::1]/",
        "https://localhost/",
        "https://a.example:22/",
    ],
)
async def test_an_address_that_leads_inwards_cannot_be_registered(
    database: str, tmp_path: Path, url: str
) -> None:
    async with in_process(database, tmp_path, projector=False) as site:
        answer = await site.editor.send("POST", "/webhooks", {"url": url})
        assert "invalid-target" == kind(answer)
        assert "/url" == problem(answer)["errors"][0]["pointer"]


async def test_an_account_has_ten_of_them_at_most(database: str, tmp_path: Path) -> None:
    async with in_process(database, tmp_path, projector=False, webhooks_loopback=True) as site:
        for number in range(10):
            await registered(site.editor, f"http://127.0.0.1:9/{number}")
        assert "too-many-webhooks" == kind(
            await site.editor.send("POST", "/webhooks", {"url": "http://127.0.0.1:9/"})
        )


async def test_the_owner_of_a_webhook_that_was_stopped_gets_one_mail_that_names_it(
    database: str, tmp_path: Path
) -> None:
    async with in_process(database, tmp_path, projector=False, webhooks_loopback=True) as site:
        made = await registered(site.editor, "http://127.0.0.1:9/?key=hidden", description="The channel")
        owner = await connect(database, "test owner")
        account = (await shown(site.editor, made["id"]))["account"]
        await owner.execute(
            "update auth.account set email = 'a@example.org', email_key = 'a@example.org' where id = $1",
            account,
        )
        await owner.execute("update hook.endpoint set state = 'paused', why = 'failing'")
        async with pooled(database, "test", ACCOUNTS) as pool:
            assert [1, 0] == [await tell(pool), await tell(pool)]
        (facts,) = await owner.fetch("select facts from auth.mail where kind = 'webhook-stopped'")
        await owner.close()
    named = facts[0]["webhook"]
    assert f"The channel · 127.0.0.1 · {made['id']}" == named
    for locale in ("ru", "en"):
        text = mail_text("webhook-stopped", locale, {"site": "s", "webhook": named}).text
        assert named in text


async def test_a_kind_or_type_that_no_event_has_is_refused(database: str, tmp_path: Path) -> None:
    async with trying_out(database, tmp_path) as (site, receiver):
        wanted = {"url": receiver.url, "kind": ["article", "aeroplane"], "type": ["article.publishd"]}
        answer = await site.editor.send("POST", "/webhooks", wanted)
        assert (422, "invalid-body") == (answer.status_code, kind(answer))
        assert ["/kind/1", "/type/0"] == [one["pointer"] for one in problem(answer)["errors"]]
        made = await registered(site.editor, receiver.url, type=["article.published", "media.registered"])
        changed = await site.editor.send("PUT", f"/webhooks/{made['id']}", wanted)
        assert 422 == changed.status_code
