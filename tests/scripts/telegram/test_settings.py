"""The file of the Telegram bot: what is wrong in it is said in a line that repeats nothing of it."""

from pathlib import Path

import pytest

from kit.errors import Refused
from scripts.telegram.settings import read_telegram

GOOD = 'bot_token = "1:hunter2"\ntoken = "fjb_hunter2"\n'


def test_what_is_not_said_has_a_default(tmp_path: Path) -> None:
    file = tmp_path / "telegram.toml"
    file.write_text(GOOD + 'moderators = -5\nchannel = "@aviation"\n')
    told = read_telegram(file)
    assert ("https://api.telegram.org", -5, "@aviation", "en") == (
        told.bot_api, told.alerts, told.channel, told.locale
    )  # fmt: skip
    assert "article" in told.kinds
    assert "term" not in told.kinds


@pytest.mark.parametrize(
    "said",
    [
        "", "bot_token = 5", GOOD + "channel = 1.5", GOOD + 'bot_api = "hunter2"',
        GOOD + 'link = "{hunter2}"',
        GOOD + 'hunter = "hunter2"', "[", GOOD.replace("fjb_hunter2", " "),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_and_not_repeated(tmp_path: Path, said: str) -> None:
    file = tmp_path / "telegram.toml"
    file.write_text(said)
    with pytest.raises(Refused, match=r"^FRANKENJET_TELEGRAM_FILE: ") as refused:
        read_telegram(file)
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize("file", [None, Path("/nowhere/telegram.toml")])
def test_without_a_file_the_bot_does_not_begin(file: Path | None) -> None:
    with pytest.raises(Refused, match="FRANKENJET_TELEGRAM_FILE"):
        read_telegram(file)
