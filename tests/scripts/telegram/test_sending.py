"""Telegram is brought to what should be there: once, by edits, as often as it takes."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple

import pytest
import pytest_asyncio

from scripts.bot.kept import kept
from scripts.telegram.our_api import OurApi
from scripts.telegram.sending import Sending
from scripts.telegram.state import TABLES, TelegramState
from scripts.telegram.texts import TelegramMessage, written
from scripts.telegram.wire import BotApi
from tests.projections.forwarding.given import until
from tests.servers.beside import beside
from tests.servers.telegram.methods import Chats
from tests.servers.telegram.server import TOKEN, Telegram, bot_api

CHAT = -100


class Desk(NamedTuple):
    """A bot that sends what its state says, and the Bot API."""

    state: TelegramState
    telegram: Telegram

    def want(self, text: str, key: str = "one", picture: str = "") -> None:
        message = TelegramMessage(text, picture=picture)
        self.state.put(key, CHAT, {"title": "A <title>"}, written(message) if text else "")
        self.state.commit()

    @property
    def there(self) -> list[str]:
        return [one.text for one in self.telegram.chats.in_chat(CHAT)]

    async def settles(self) -> None:
        await until(lambda: self.state.unsent() is None, 30)


async def one_picture(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer as our API does, which has one picture."""
    head = await reader.readuntil(b"\r\n\r\n")
    said = b"200 OK" if b"/picture" in head else b"404 Not Found"
    writer.write(b'HTTP/1.1 %b\r\nConnection: close\r\nContent-Length: 7\r\n\r\n{"a":1}' % said)
    writer.close()


@pytest_asyncio.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    with bot_api(Chats({CHAT: "supergroup"}, {})) as telegram, kept(tmp_path / "bot", TABLES) as database:
        state = TelegramState(database)
        site = await asyncio.start_server(one_picture, "127.0.0.1", 0)
        async with (
            site,
            BotApi(telegram.address, TOKEN) as wire,
            OurApi(f"http://127.0.0.1:{site.sockets[0].getsockname()[1]}", "") as ours,
            beside(Sending(state, wire, ours, "en").keep_sending()),
        ):
            yield Desk(state, telegram)


async def test_a_message_is_sent_once_and_edited_as_often_as_it_changes(desk: Desk) -> None:
    for text in ("first", "second", "third"):
        desk.want(text)
        await desk.settles()
    assert ["third"] == desk.there
    assert ["sendMessage", "editMessageText", "editMessageText"] == [one for one, _ in desk.telegram.calls]


async def test_what_is_so_already_or_was_deleted_by_somebody_is_left(desk: Desk) -> None:
    desk.want("first")
    await desk.settles()
    post = desk.telegram.chats.in_chat(CHAT)[0]
    post.raw = "second"
    desk.want("second")
    await desk.settles()
    post.deleted = True
    desk.want("third")
    await desk.settles()
    assert [] == desk.there


async def test_what_is_gone_is_deleted_and_what_is_too_old_for_that_says_so(desk: Desk) -> None:
    for key in ("one", "two"):
        desk.want(key, key)
        await desk.settles()
    desk.telegram.chats.old.add(desk.telegram.chats.in_chat(CHAT)[1].id)
    for key in ("one", "two"):
        desk.want("", key)
        await desk.settles()
    assert ["A <title>\n\nWithdrawn"] == desk.there


async def test_who_blocked_the_bot_holds_up_nobody_else(desk: Desk) -> None:
    desk.telegram.chats.blocked.add(CHAT)
    desk.want("lost")
    await desk.settles()
    desk.telegram.chats.blocked.clear()
    desk.want("seen", "two")
    await desk.settles()
    assert ["seen"] == desk.there
    failed = desk.state.of("one")
    assert failed is not None
    assert failed.message is None


async def test_an_answer_that_was_lost_is_found_again_by_an_edit(desk: Desk) -> None:
    desk.want("before", "zero")
    await desk.settles()
    for lost in ("first", "second"):
        desk.telegram.lost = 1
        desk.want(lost)
        await desk.settles()
        assert ["before", lost] == desk.there
    somebody = desk.telegram.chats.add(CHAT, "of somebody else")
    desk.telegram.lost = 1
    desk.want("third", "three")
    await until(lambda: desk.telegram.lost == 0)
    desk.want("fourth", "three")
    await desk.settles()
    assert ["before", "second", "of somebody else", "fourth"] == desk.there
    assert not somebody.edits


async def test_the_first_message_of_a_chat_whose_answer_was_lost_is_found_before_a_mark(desk: Desk) -> None:
    somebody = [desk.telegram.chats.add(CHAT, "of somebody else") for _ in range(3)]
    desk.telegram.lost = 1
    desk.want("first")
    await desk.settles()
    assert [*(one.text for one in somebody), "first"] == desk.there
    assert [] == [one.text for one in somebody if one.edits]


@pytest.mark.parametrize("lost", [2, 3])
async def test_a_mark_whose_own_answer_is_lost_makes_no_second_message(desk: Desk, lost: int) -> None:
    desk.telegram.lost = lost
    desk.want("first")
    await desk.settles()
    assert 1 == desk.there.count("first")
    assert {"first", "…"} >= set(desk.there)


async def test_where_the_bot_may_edit_what_others_wrote_it_looks_for_nothing(desk: Desk) -> None:
    desk.telegram.chats.types[CHAT] = "channel"
    desk.telegram.chats.edits_others.add(CHAT)
    desk.want("before", "zero")
    await desk.settles()
    somebody = desk.telegram.chats.add(CHAT, "of somebody else")
    desk.telegram.lost = 1
    desk.want("first")
    await desk.settles()
    assert not somebody.edits
    assert ["before", "of somebody else", "first", "first"] == desk.there


async def test_what_is_not_wanted_any_more_is_taken_away_although_its_answer_was_lost(desk: Desk) -> None:
    desk.want("before", "zero")
    await desk.settles()
    desk.telegram.lost = 1
    desk.want("first")
    await until(lambda: desk.telegram.lost == 0)
    desk.want("")
    await desk.settles()
    assert ["before"] == desk.there


@pytest.mark.parametrize("picture", ["/picture", "/gone"])
async def test_a_post_with_a_picture_whose_answer_was_lost_is_found_and_taken_away(
    desk: Desk, picture: str
) -> None:
    desk.want("before", "zero")
    await desk.settles()
    for wanted, there in (("first", ["before", "first"]), ("", ["before"])):
        desk.telegram.lost = 1
        desk.want(wanted, "one", picture)
        await desk.settles()
        assert there == desk.there
    desk.telegram.lost = 1
    desk.want("second", "two", picture)
    await until(lambda: desk.telegram.lost == 0)
    desk.want("", "two")
    await desk.settles()
    assert ["before"] == desk.there


async def test_what_telegram_takes_with_no_picture_is_sent_without(desk: Desk) -> None:
    desk.telegram.chats.takes_pictures = False
    desk.want("first", "one", "/picture")
    await desk.settles()
    desk.want("second", "one", "/picture")
    await desk.settles()
    assert ["second"] == desk.there


async def test_nothing_is_sent_before_the_time_that_telegram_said(desk: Desk) -> None:
    desk.telegram.most = 1
    for number in range(3):
        desk.want(f"№ {number}", f"key {number}")
    await until(lambda: len(desk.there) == 3)
    assert [] == desk.telegram.impatient
    assert ["№ 0", "№ 1", "№ 2"] == desk.there


async def test_looking_for_a_message_comes_to_its_end_where_few_calls_are_allowed(desk: Desk) -> None:
    desk.telegram.most = 4  # a second; it takes thirteen to see that it is not there
    desk.telegram.away = 502
    desk.want("first")
    await until(lambda: (one := desk.state.of("one")) is not None and one.sending, 30)
    desk.telegram.away = 0
    await desk.settles()
    assert (["first"], []) == (desk.there, desk.telegram.impatient)


@pytest.mark.parametrize("status", [502, -1])
async def test_a_telegram_that_is_away_gets_it_when_it_is_back(desk: Desk, status: int) -> None:
    desk.telegram.away = status
    desk.want("first")
    await asyncio.sleep(0.5)
    assert [] == desk.there
    desk.telegram.away = 0
    await desk.settles()
    assert ["first"] == desk.there


async def test_a_wrong_call_is_refused_as_telegram_does(desk: Desk) -> None:
    desk.want("<blink>no</blink>")
    await desk.settles()
    assert ["sendMessage: Bad Request: can't parse entities"] == [
        one.partition(": Unsupported")[0] for one in desk.telegram.wrong
    ]
