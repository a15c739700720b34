"""People write and press what they like, with clients of their own: the bot outlives it, and does nothing."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple

import pytest
import pytest_asyncio

from scripts.bot.kept import kept
from scripts.telegram.buttons import data_of
from scripts.telegram.our_api import OurApi
from scripts.telegram.state import TABLES, TelegramState
from scripts.telegram.strangers import MOST, SECONDS, Strangers
from scripts.telegram.texts import Button, TelegramMessage, said, written
from scripts.telegram.updates import Updates
from scripts.telegram.wire import BotApi
from tests.projections.forwarding.given import until
from tests.servers.beside import beside
from tests.servers.telegram.methods import Chats, Post
from tests.servers.telegram.server import TOKEN, Telegram, bot_api

GROUP, MEMBER = -100, 7001

UNKNOWN, CHANGED = said("en", "unknown-button"), said("en", "changed")


class Hearing(NamedTuple):
    """A bot that hears what people do; our API is away."""

    state: TelegramState
    telegram: Telegram

    async def sent(self, post: Post, data: str) -> str:
        """Let a member of the group send something back, and return what he is answered."""
        id_ = self.telegram.chats.send_data(GROUP, post, data, MEMBER)
        await until(lambda: id_ in dict(self.telegram.chats.answers), 20)
        return dict(self.telegram.chats.answers)[id_]


@pytest_asyncio.fixture
async def hearing(tmp_path: Path) -> AsyncIterator[Hearing]:
    chats = Chats({GROUP: "supergroup", MEMBER: "private"}, {})
    with bot_api(chats) as telegram, kept(tmp_path / "bot", TABLES) as database:
        state = TelegramState(database)
        async with (
            BotApi(telegram.address, TOKEN) as wire,
            OurApi("http://127.0.0.1:1", "") as ours,
            beside(Updates(state, wire, ours, "en").keep_hearing()),
        ):
            yield Hearing(state, telegram)


@pytest.mark.parametrize(
    "data",
    [
        "",
        "publish",
        "publish.1",
        "publish.-1.x",
        f"publish.{2**63}.x",
        f"publish.{'9' * 19}.x",
        "publish.١.x",
    ],
)
async def test_what_no_button_sends_does_nothing_and_the_bot_goes_on(hearing: Hearing, data: str) -> None:
    post = hearing.telegram.chats.add(GROUP, "something")
    assert UNKNOWN == await hearing.sent(post, data)
    assert UNKNOWN == await hearing.sent(post, "publish.1.x")


async def test_a_button_that_was_taken_away_does_nothing_any_more(hearing: Hearing) -> None:
    post = hearing.telegram.chats.add(GROUP, "an alert")
    state, facts = hearing.state, {"on": "x"}
    state.put("alert", GROUP, facts, "")
    made = state.of("alert")
    assert made is not None
    data = data_of(state.secret, "disable", made.number, GROUP)
    state.put("alert", GROUP, facts, written(TelegramMessage("in", [Button("Shut out", data)])))
    state.is_shown(made.number, "", post.id)
    assert said("en", "away") == await hearing.sent(post, data)
    state.put("alert", GROUP, facts, written(TelegramMessage("in; shut out")))
    assert CHANGED == await hearing.sent(post, data)


async def test_a_stranger_who_writes_without_end_keeps_nobody_waiting(hearing: Hearing) -> None:
    chats = hearing.telegram.chats
    hearing.telegram.most, hearing.telegram.retry_after = 2, 20
    for number in range(50):
        chats.write(MEMBER, MEMBER, f"hello {number}")
    post = chats.add(GROUP, "something")
    assert UNKNOWN == await hearing.sent(post, "publish.1.x")
    assert 0 < len(chats.in_chat(MEMBER)) <= MOST


def test_who_is_silent_for_a_while_is_heard_again() -> None:
    now = [0.0]
    strangers = Strangers(lambda: now[0])
    assert [True] * MOST + [False] == [strangers.may_write(1) for _ in range(MOST + 1)]
    assert strangers.may_write(2)
    now[0] = SECONDS
    assert strangers.may_write(1)
