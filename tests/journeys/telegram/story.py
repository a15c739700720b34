"""The whole story of the Telegram bot, step by step, with all its processes and a Bot API of its own."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

import orjson

from kit import clock
from kit.auth.keys import load_signing_key
from kit.auth.roles import Role
from kit.auth.tokens import ORDINARY, mint
from kit.broker.topology import declare
from kit.postgres.connect import Connection, connect
from tests.given.imports import admin_of
from tests.servers.processes import Processes
from tests.servers.running import Editor, Site, as_processes
from tests.servers.telegram.methods import Chats, Post
from tests.servers.telegram.server import TOKEN, Telegram, bot_api
from write_side.accounts.admin.accounts import create
from write_side.accounts.admin.rights import grant
from write_side.accounts.sessions import open_session

CHANNEL, MODERATORS = -1_000_600, -1_000_500
MODERATOR, ADMIN, STRANGER = 7001, 7002, 7003

DRAFT = {
    "locale": "en", "title": "Comet <1>", "slug": "comet", "summary": "A jet & a half.", "body": "b",
    "sources": [{"title": "t"}],
}  # fmt: skip

SECONDS = 30.0
"""Longest time that anything may take."""


class Suspect(NamedTuple):
    """An account that may publish, and a token of a session that was opened in it."""

    account: UUID
    token: str


class Story(NamedTuple):
    """Everybody who takes part."""

    site: Site
    admin: Editor
    telegram: Telegram
    running: Processes
    owner: Connection
    folder: Path

    @property
    def chats(self) -> Chats:
        return self.telegram.chats

    async def until(self, seen: Callable[[], Any], seconds: float = SECONDS) -> Any:
        """Return what is seen as soon as it is."""
        end = time.monotonic() + seconds
        while not (found := seen()):
            said = (self.folder / "telegram.log").read_text()[-3_000:]
            assert time.monotonic() < end, (self.in_channel(), self.reviews(), self.telegram.wrong, said)
            await asyncio.sleep(0.02)
        return found

    def in_channel(self) -> list[str]:
        return [one.text for one in self.chats.in_chat(CHANNEL)]

    def reviews(self) -> list[str]:
        return [one.text for one in self.chats.in_chat(MODERATORS)]

    def with_button(self, label: str) -> Post | None:
        """Return the newest message of moderators that has a button."""
        rows = [
            (one, button["text"])
            for one in self.chats.in_chat(MODERATORS)
            for row in (one.markup or {}).get("inline_keyboard", [])
            for button in row
        ]
        return next((one for one, text in reversed(rows) if text == label), None)

    async def press(self, label: str, user: int) -> str:
        """Press the button of the newest message that has it, and return what the bot answers."""
        post = await self.until(lambda: self.with_button(label))
        id_ = self.chats.press(MODERATORS, post, label, user)
        await self.until(lambda: any(one == id_ for one, _ in self.chats.answers))
        return next(text for one, text in self.chats.answers if one == id_)

    async def linked(self, somebody: Editor, user: int) -> None:
        """Give the bot a code of somebody, in a chat with it alone."""
        code = (await somebody.send("POST", "/me/telegram-codes")).json()["code"]
        before = len(self.chats.in_chat(user))
        self.chats.write(user, user, f"/start {code}")
        told = await self.until(lambda: self.chats.in_chat(user)[before:])
        assert told[0].text.startswith("Linked."), told

    async def submitted(self, entry: str, version: int) -> None:
        await self.site.editor.done("PUT", f"/articles/{entry}/submission", version=version)

    async def suspect(self, name: str) -> Suspect:
        """Open an account that may publish, and a session in it, as its owner would."""
        account = await create(self.owner, name, actor=None)
        await grant(self.owner, account, Role.MODERATOR, actor=None)
        expires = clock.now() + timedelta(hours=1)
        session = await open_session(self.owner, account, expires=expires, actor=account)
        key = load_signing_key(self.folder / "signing-key.pem")
        return Suspect(account, mint(key, account, session, ORDINARY, clock.now()))


@asynccontextmanager
async def story(database: str, folder: Path, broker: str, **more: Any) -> AsyncIterator[Story]:
    """Run serve, project and telegram as an operator would, with a Bot API of their own.

    Args:
        database: empty.
        folder: for keys, settings and what the bot keeps.
        broker: RabbitMQ, without our stream.
        more: settings of the bot.
    """
    await declare(broker)
    people = {MODERATOR: "private", ADMIN: "private", STRANGER: "private"}
    chats = Chats({CHANNEL: "channel", MODERATORS: "supergroup"} | people, {"@aviation": CHANNEL})
    with bot_api(chats) as telegram:
        async with as_processes(database, folder, rabbitmq_url=broker) as (running, site):
            headers = await admin_of(database, folder)
            admin = Editor(site.client, headers["Authorization"].partition(" ")[2])
            wanted = {"name": "Telegram", "scopes": ["telegram", "read"], "expires_in_days": 1}
            token = (await admin.send("POST", "/me/tokens", wanted)).json()["token"]
            told = {
                "bot_token": TOKEN, "token": token, "api": running.url, "bot_api": telegram.address,
                "channel": "@aviation", "moderators": MODERATORS,
            }  # fmt: skip
            file = folder / "telegram.toml"
            said = [f"{name} = {orjson.dumps(value).decode()}" for name, value in (told | more).items()]
            file.write_text("\n".join(said))
            running.know("FRANKENJET_TELEGRAM_FILE", str(file))
            running.start("telegram", "--after", "0")
            owner = await connect(database, "test owner")
            try:
                yield Story(site, admin, telegram, running, owner, folder)
            finally:
                await owner.close()
