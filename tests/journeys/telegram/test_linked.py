"""Accounts linked with users of Telegram: by a code, once; a button is one command with their rights."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

import httpx2
import pytest
import pytest_asyncio

from kit.auth.roles import Role
from kit.postgres.connect import Connection, connect
from tests.given.imports import admin_of
from tests.journeys.accounts.stranger import Letterbox
from tests.servers.running import Editor, Site, in_process, problem
from write_side.accounts.admin.rights import disable, revoke

MODERATOR, ADMIN, STRANGER = 7001, 7002, 7003

DRAFT = {"locale": "en", "title": "Comet", "summary": "A jet.", "body": "b", "sources": [{"title": "t"}]}


class Linked(NamedTuple):
    """A site whose moderator and administrator are linked, and the bot."""

    site: Site
    admin: Editor
    bot: Editor
    owner: Connection

    async def pressed(self, user: int, act: str, on: str, kind: str = "article") -> httpx2.Response:
        return await self.bot.send(
            "POST", "/telegram/acts", {"user": user, "act": act, "on": on, "kind": kind}
        )

    async def sent(
        self, press: httpx2.Response, body: Any, version: int | None = None, path: str = ""
    ) -> httpx2.Response:
        """Send the command that a press stands for, or another one with its token."""
        made = press.json()
        somebody = Editor(self.site.client, made["token"])
        place = path or made["path"].removeprefix("/v1")
        return await somebody.send(made["method"], place, body, version=version)

    async def submitted(self) -> str:
        """Return the id of an article that was submitted, at version 2."""
        made = await self.site.editor.done("POST", "/articles", DRAFT | {"slug": "comet"})
        await self.site.editor.done("PUT", f"/articles/{made['id']}/submission", version=1)
        return str(made["id"])

    async def account(self, somebody: Editor) -> UUID:
        return UUID((await somebody.send("GET", "/me")).json()["id"])


async def code_of(somebody: Editor) -> str:
    made = await somebody.send("POST", "/me/telegram-codes")
    assert 201 == made.status_code, made.text
    code: str = made.json()["code"]
    return code


@pytest_asyncio.fixture
async def linked(database: str, tmp_path: Path) -> AsyncIterator[Linked]:
    async with in_process(database, tmp_path, projector=False) as site:
        owner = await connect(database, "test owner")
        headers = await admin_of(database, tmp_path)
        admin = Editor(site.client, headers["Authorization"].partition(" ")[2])
        wanted = {"name": "Telegram", "scopes": ["telegram"], "expires_in_days": 1}
        token = (await admin.send("POST", "/me/tokens", wanted)).json()["token"]
        one = Linked(site, admin, Editor(site.client, token), owner)
        for somebody, user in ((site.moderator, MODERATOR), (admin, ADMIN)):
            said = {"code": await code_of(somebody), "user": user}
            assert 201 == (await one.bot.send("POST", "/telegram/links", said)).status_code
        yield one
        await owner.close()


async def test_a_code_works_once_and_the_owner_sees_the_link_and_takes_it_away(linked: Linked) -> None:
    """A bot that did not get the answer asks again, for the same user."""
    editor = linked.site.editor
    assert {"user": None, "linked_at": None} == (await editor.send("GET", "/me/telegram")).json()
    said = {"code": await code_of(editor), "user": STRANGER}
    made, again = [await linked.bot.send("POST", "/telegram/links", said) for _ in range(2)]
    assert [(201, made.json())] * 2 == [(one.status_code, one.json()) for one in (made, again)]
    assert STRANGER == (await editor.send("GET", "/me/telegram")).json()["user"]
    other = await linked.bot.send("POST", "/telegram/links", said | {"user": STRANGER + 1})
    assert "/problems/code-invalid" == problem(other)["type"]
    assert 204 == (await editor.send("DELETE", "/me/telegram")).status_code
    refused = await linked.pressed(STRANGER, "publish", str(UUID(int=1)))
    assert "/problems/telegram-unknown" == problem(refused)["type"]
    late = await linked.bot.send("POST", "/telegram/links", said)
    assert "/problems/code-invalid" == problem(late)["type"]


async def test_a_newer_code_takes_the_place_of_the_former_and_ends_after_ten_minutes(linked: Linked) -> None:
    former, code = [await code_of(linked.site.editor) for _ in range(2)]
    left = (
        "select expires_at - made_at between '9 min' and '11 min' from auth.code where purpose = 'telegram'"
    )
    assert [True] == [row[0] for row in await linked.owner.fetch(left)]
    refused = await linked.bot.send("POST", "/telegram/links", {"code": former, "user": STRANGER})
    assert 409 == refused.status_code
    await linked.owner.execute("update auth.code set expires_at = clock_timestamp()")
    late = await linked.bot.send("POST", "/telegram/links", {"code": code, "user": STRANGER})
    assert "/problems/code-invalid" == problem(late)["type"]


async def test_neither_a_user_nor_an_account_is_linked_twice(linked: Linked) -> None:
    taken = {"code": await code_of(linked.site.editor), "user": ADMIN}
    refused = await linked.bot.send("POST", "/telegram/links", taken)
    assert "/problems/telegram-linked" == problem(refused)["type"]
    another = {"code": await code_of(linked.admin), "user": STRANGER}
    refused = await linked.bot.send("POST", "/telegram/links", another)
    assert "/problems/telegram-linked" == problem(refused)["type"]


async def test_the_owner_gets_a_mail_of_each_change_of_a_link(linked: Linked, tmp_path: Path) -> None:
    address = "update auth.account set email = $2, email_key = $2 where id = $1"
    account = await linked.account(linked.site.editor)
    await linked.owner.execute(address, account, "anna@example.org")
    said = {"code": await code_of(linked.site.editor), "user": STRANGER}
    letters = Letterbox(tmp_path)
    await linked.bot.send("POST", "/telegram/links", said)
    linked_now = await letters.next()
    await linked.site.editor.send("DELETE", "/me/telegram")
    unlinked = await letters.next()
    subject = "Telegram was linked, or is no longer"
    assert [("anna@example.org", subject)] * 2 == [(m["to"], m["subject"]) for m in (linked_now, unlinked)]


async def test_a_button_publishes_with_the_moderators_own_rights_and_the_log_says_by_a_bot(
    linked: Linked,
) -> None:
    entry = await linked.submitted()
    press = await linked.pressed(MODERATOR, "publish", entry)
    published = await linked.sent(press, {"revision": 1}, version=2)
    assert 200 == published.status_code, published.text
    account = await linked.account(linked.site.moderator)
    stored = await linked.owner.fetchval("select meta from log.event where type = 'article.published'")
    meta = json.loads(stored)
    assert (str(account), "bot") == (meta["actor"], meta["client"])
    noted = await linked.owner.fetchrow(
        "select account, actor, facts from auth.audit where action = 'telegram.pressed'"
    )
    assert (account, account, {"act": "publish", "on": entry}) == tuple(noted)


async def test_a_token_of_a_button_is_good_for_its_command_alone(linked: Linked) -> None:
    entry = await linked.submitted()
    press = await linked.pressed(MODERATOR, "publish", entry)
    for path in (f"/articles/{entry}/archive", f"/articles/{UUID(int=1)}/publication", "/me/password"):
        refused = await linked.sent(press, {"revision": 1}, version=2, path=path)
        assert (401, "/problems/token-invalid") == (refused.status_code, problem(refused)["type"])
    read = await Editor(linked.site.client, press.json()["token"]).send("GET", "/me")
    assert 401 == read.status_code
    forced = await linked.sent(press, {"revision": 1, "force": True, "reason": "Now"}, version=2)
    assert "/problems/step-up-needed" == problem(forced)["type"]


async def test_what_somebody_may_not_do_no_button_does(linked: Linked) -> None:
    said = {"code": await code_of(linked.site.editor), "user": STRANGER}
    await linked.bot.send("POST", "/telegram/links", said)
    entry = await linked.submitted()
    press = await linked.pressed(STRANGER, "publish", entry)
    assert 403 == (await linked.sent(press, {"revision": 1}, version=2)).status_code
    press = await linked.pressed(MODERATOR, "disable", entry, "")
    assert 403 == (await linked.sent(press, {"reason": "x"})).status_code


async def test_a_right_that_was_taken_after_the_press_is_not_used(linked: Linked) -> None:
    entry = await linked.submitted()
    press = await linked.pressed(MODERATOR, "publish", entry)
    await revoke(linked.owner, await linked.account(linked.site.moderator), Role.MODERATOR, actor=None)
    assert 403 == (await linked.sent(press, {"revision": 1}, version=2)).status_code


async def test_who_is_shut_out_presses_nothing_and_is_not_linked_any_more(linked: Linked) -> None:
    entry = await linked.submitted()
    press = await linked.pressed(MODERATOR, "publish", entry)
    await disable(linked.owner, await linked.account(linked.site.moderator), actor=None)
    assert 401 == (await linked.sent(press, {"revision": 1}, version=2)).status_code
    assert 403 == (await linked.pressed(MODERATOR, "publish", entry)).status_code
    assert [ADMIN] == [row[0] for row in await linked.owner.fetch("select telegram_user from auth.telegram")]


async def test_an_administrator_shuts_an_account_out_by_a_button_within_a_second(linked: Linked) -> None:
    moderator = linked.site.moderator
    press = await linked.pressed(ADMIN, "disable", str(await linked.account(moderator)), "")
    assert 204 == (await linked.sent(press, {"reason": "By a button"})).status_code
    await asyncio.sleep(1)
    assert 401 == (await moderator.send("GET", "/me")).status_code


async def test_an_administrator_signs_an_account_out_by_a_button(linked: Linked) -> None:
    account = await linked.account(linked.site.moderator)
    press = await linked.pressed(ADMIN, "sign-out", str(account), "")
    assert 204 == (await linked.sent(press, {"reason": "By a button"})).status_code
    left = "select count(*) from auth.session where account = $1 and revoked_at is null"
    assert 0 == await linked.owner.fetchval(left, account)


@pytest.mark.parametrize("scopes", [["read", "moderate", "publish"], ["telegram"]])
async def test_nobody_but_a_program_of_an_administrator_with_the_scope_speaks_for_users(
    linked: Linked, scopes: list[str]
) -> None:
    wanted = {"name": "Another", "scopes": scopes, "expires_in_days": 1}
    whose = linked.site.moderator if scopes == ["telegram"] else linked.admin
    token = (await whose.send("POST", "/me/tokens", wanted)).json()["token"]
    press = {"user": MODERATOR, "act": "publish", "on": str(UUID(int=1)), "kind": "article"}
    for somebody in (Editor(linked.site.client, token), linked.admin, linked.site.moderator):
        refused = await somebody.send("POST", "/telegram/acts", press)
        assert "/problems/forbidden" == problem(refused)["type"]
