"""The alarm tells in Telegram, too, and tries again when Telegram is away."""

from pathlib import Path

import pytest

from projections.health.alarms import AlarmNotice, Trouble
from scripts.alarm import ways
from scripts.telegram.wire import Away
from tests.servers.running import settings_for
from tests.servers.telegram.methods import Chats
from tests.servers.telegram.server import TOKEN, bot_api

ADMINISTRATORS, SUPERGROUP = -7, -1_000_007

NOTICE = AlarmNotice("begins", Trouble("entries", "behind", "entries is <behind>", 0.0), 30.0)


async def test_administrators_are_told_of_trouble(tmp_path: Path) -> None:
    file = tmp_path / "telegram.toml"
    with bot_api(Chats({ADMINISTRATORS: "supergroup"}, {})) as telegram:
        said = f'bot_token = "{TOKEN}"\ntoken = "t"\nbot_api = "{telegram.address}"\n'
        file.write_text(f"{said}moderators = -5\nadministrators = {ADMINISTRATORS}\n")
        settings = settings_for("", tmp_path, telegram_file=file, alarm_mail=("a@example.org",))
        there = ways(settings)
        assert ["mail to a@example.org", "Telegram"] == list(there)
        telegram.away = 502
        with pytest.raises(Away):
            await there["Telegram"](NOTICE)
        telegram.away = 0
        await there["Telegram"](NOTICE)
        (post,) = telegram.chats.in_chat(ADMINISTRATORS)
        assert NOTICE.subject in post.text
        telegram.chats.upgrade(ADMINISTRATORS, SUPERGROUP, hear=False)
        await there["Telegram"](NOTICE)
        assert [post.text] == [one.text for one in telegram.chats.in_chat(SUPERGROUP)]
        assert "entries is <behind>" in post.text
        assert [] == telegram.wrong


def test_without_its_file_nobody_is_told_there(tmp_path: Path) -> None:
    assert {} == ways(settings_for("", tmp_path, alarm_mail=()))
