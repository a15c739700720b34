"""What an operator says of the Telegram bot, in one file, since two secrets are in it."""

import re
import tomllib
from pathlib import Path
from typing import Literal

import msgspec

from events.kinds.catalog import KINDS
from kit.errors import Refused
from kit.forms import Wrong, addresses

VARIABLE = "FRANKENJET_TELEGRAM_FILE"

_BOT_TOKEN = re.compile(r"[0-9]{1,18}:[A-Za-z0-9_-]+")

type Chat = int | str
"""The number of a chat, or the @name of a public channel."""


class TelegramSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The bot, its chats, and where the two APIs are."""

    bot_token: str
    """As BotFather gave it."""
    token: str
    """Of our API: a token of the scopes telegram and read, of an administrator."""
    api: str = "http://127.0.0.1:8000"
    """Address of our API."""
    bot_api: str = "https://api.telegram.org"
    """Address of Telegram's."""
    channel: Chat | None = None
    """Where publications are told; none: nowhere."""
    moderators: Chat | None = None
    """Where submissions are told, with buttons; none: nowhere."""
    administrators: Chat | None = None
    """Where sign-ins and trouble are told; none: where submissions are."""
    kinds: tuple[str, ...] = tuple(kind.name for kind in KINDS if kind.name != "term")
    """Kinds of entries whose publications are told."""
    link: str = "https://example.org/{path}/{slug}"
    """Address of the page of an entry: {path}, {slug}, {locale}, {id} are filled in."""
    locale: Literal["ru", "en"] = "en"
    """The language that the bot speaks."""

    @property
    def alerts(self) -> Chat | None:
        """Where sign-ins and trouble are told."""
        return self.moderators if self.administrators is None else self.administrators


def read_telegram(path: Path | None) -> TelegramSettings:
    """Return what the TOML file says.

    Raises:
        Refused: there is none, or it says something else; nothing that stands in it is repeated.
    """
    if path is None:
        raise _refused("it is not set: the bot needs its file")
    try:
        said = msgspec.convert(tomllib.loads(path.read_text("utf-8")), TelegramSettings)
        for name in ("api", "bot_api"):
            addresses.http(getattr(said, name))
        said.link.format(path="", slug="", locale="", id="")
    except OSError as error:
        raise _refused(f"the file cannot be read: {error.strerror}") from None
    except (UnicodeError, tomllib.TOMLDecodeError):
        raise _refused("the file is no TOML") from None
    except msgspec.ValidationError as error:
        raise _refused(str(error)) from None
    except Wrong as error:
        raise _refused(f"an address of an API: {error}") from None
    except (KeyError, ValueError, IndexError):
        raise _refused("link: only {path}, {slug}, {locale} and {id} are filled in") from None
    if not said.bot_token.strip() or not said.token.strip():
        raise _refused("bot_token or token is empty")
    if not _BOT_TOKEN.fullmatch(said.bot_token):
        raise _refused("bot_token: it is a number, a colon and letters, as BotFather gives it")
    return said


def _refused(why: str) -> Refused:
    return Refused([f"{VARIABLE}: {why}"])
