"""Messages with buttons: names go out of them, and they go on where their chat is now."""

from pathlib import Path
from typing import Any

import pytest

from kit.ids import named_id
from scripts.bot.kept import kept
from scripts.telegram import rendering
from scripts.telegram.our_api import OurApi
from scripts.telegram.sending import Sending
from scripts.telegram.state import TABLES, KeptMessage, TelegramState
from scripts.telegram.texts import shown
from scripts.telegram.updates import Updates
from scripts.telegram.wire import BotApi
from tests.projections.forwarding.given import until
from tests.servers.beside import beside
from tests.servers.telegram.methods import Chats
from tests.servers.telegram.server import TOKEN, bot_api

GROUP, SUPERGROUP = -100, -1_000_200

AUTHOR, MODERATOR = (str(named_id("account", name)) for name in ("author", "moderator"))

SUBMITTED = {"said": "submitted", "on": "x", "title": "A <title>", "summary": "s", "revision": 1}

PUBLISHED = {"said": "published", "comment": ""} | rendering.named("Mia", MODERATOR)


def put(state: TelegramState, key: str, chat: int | str = GROUP, **more: Any) -> KeptMessage:
    rendering.put(state, "en", key, chat, SUBMITTED | rendering.named("Ann & Co", AUTHOR) | more)
    state.commit()
    found = state.of(key)
    assert found is not None
    return found


def test_the_name_of_an_erased_account_goes_out_of_every_message(tmp_path: Path) -> None:
    with kept(tmp_path / "bot", TABLES) as database:
        state = TelegramState(database)
        before = [put(state, "open"), put(state, "closed", ending=PUBLISHED)]
        assert "Ann &amp; Co" in before[1].wanted
        for account in (AUTHOR, MODERATOR, AUTHOR):
            rendering.without(state, "en", account)
        after = [shown(one.wanted) for one in state.beginning("")]
        assert ["Submitted by an erased account, revision 1" in one.text for one in after] == [True, True]
        assert after[1].text.endswith("Published by an erased account")
        assert shown(before[0].wanted).buttons == after[0].buttons
        told = [tuple(row) for row in database.execute("select facts, wanted from message")]
        assert not any(name in str(told) for name in ("Ann", "Mia", AUTHOR, MODERATOR))


@pytest.mark.parametrize("hear", [False, True])
async def test_where_a_group_becomes_a_supergroup_what_is_open_goes_on_there(
    tmp_path: Path, *, hear: bool
) -> None:
    chats = Chats({GROUP: "group"}, {})
    with bot_api(chats) as telegram, kept(tmp_path / "bot", TABLES) as database:
        state = TelegramState(database)
        async with BotApi(telegram.address, TOKEN) as wire, OurApi("http://127.0.0.1:1", "") as ours:
            sends = Sending(state, wire, ours, "en").keep_sending()
            async with beside(sends), beside(Updates(state, wire, ours, "en").keep_hearing()):
                put(state, "open")
                put(state, "closed", ending=PUBLISHED)
                await until(lambda: len(chats.in_chat(GROUP)) == 2, 30)
                chats.upgrade(GROUP, SUPERGROUP, hear=hear)
                put(state, "later", state.now(GROUP))
                await until(lambda: len(chats.in_chat(SUPERGROUP)) == 2, 30)
                await until(lambda: state.unsent() is None, 30)
                put(state, "later", state.now(GROUP), ending=PUBLISHED)
                rendering.without(state, "en", MODERATOR)
                state.commit()
                await until(lambda: state.unsent() is None, 30)
                posts = {one.markup is None: one for one in chats.in_chat(SUPERGROUP)}
                kept_open = state.of("open")
        assert SUPERGROUP == state.now(GROUP)
        assert kept_open is not None
        assert kept_open.chat == SUPERGROUP
        assert "erased account" in posts[True].text
        data = posts[False].markup["inline_keyboard"][0][0]["callback_data"]
        assert data == shown(kept_open.wanted).buttons[0].data
        assert [] == telegram.wrong
