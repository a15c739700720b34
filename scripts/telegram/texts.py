"""What the bot says, escaped and cut to what Telegram takes: it counts UTF-16, without the markup."""

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from html import escape
from pathlib import Path
from typing import Any, Literal

import msgspec

MOST_TEXT, MOST_CAPTION, MOST_ANSWER = 4_096, 1_024, 200
"""Units of UTF-16 of a message, of a caption below a picture, of the answer to a button."""

_FILE = Path(__file__).with_name("texts.toml")

type Locale = Literal["ru", "en"]


class Button(msgspec.Struct, frozen=True):
    """What can be pressed below a message."""

    label: str
    data: str = ""
    """What comes back, at most 64 bytes."""
    url: str = ""
    """Or where it leads."""


class TelegramMessage(msgspec.Struct, frozen=True):
    """A message as it should be, or is."""

    text: str
    """With Telegram's HTML."""
    buttons: Sequence[Button] = ()
    picture: str = ""
    """Address of a picture at our API, or none."""

    @property
    def markup(self) -> dict[str, Any]:
        """The buttons as Telegram takes them; none of them takes those away that are there."""
        row = [
            {"text": one.label} | ({"url": one.url} if one.url else {"callback_data": one.data})
            for one in self.buttons
        ]
        return {"inline_keyboard": [row] if row else []}


def said(locale: Locale, what: str, **filled: str) -> str:
    """Return a text; what is filled in has to be escaped already."""
    return _texts()[locale][what].format_map(filled)


def units(text: str) -> int:
    """Return the length of a text as Telegram counts it."""
    return len(text.encode("utf-16-le", "replace")) // 2


def cut(text: str, most: int) -> str:
    """Return a text of at most so many units; one that is cut ends with an ellipsis."""
    if units(text) <= most:
        return text
    kept, left = [], most - 1
    for one in text:
        left -= units(one)
        if left < 0:
            break
        kept.append(one)
    return "".join(kept).rstrip() + "…" if most > 0 else ""


def fitted(locale: Locale, what: str, facts: Mapping[str, str], long: str, most: int) -> str:
    """Return a text of at most so many units, one of whose parts is cut for that.

    Args:
        locale: of the text.
        what: which text.
        facts: what is filled in, unescaped.
        long: name of the part that is cut.
        most: units that all may have.
    """
    others = {name: cut(value, most // 4) for name, value in facts.items() if name != long}
    bare = said(locale, what, **others, **{long: ""})
    for tag in ("<b>", "</b>", "<s>", "</s>"):
        bare = bare.replace(tag, "")
    parts = others | {long: cut(facts[long], most - units(bare))}
    return said(locale, what, **{name: escape(value, quote=False) for name, value in parts.items()})


def post(title: str, summary: str, url: str, *, picture: str) -> TelegramMessage:
    """Return the post of an entry that was published."""
    most = MOST_CAPTION if picture else MOST_TEXT
    title = cut(title, most // 4)
    short = cut(summary, most - units(title) - 2)
    link = f'<a href="{escape(url)}"><b>{escape(title, quote=False)}</b></a>'
    return TelegramMessage(f"{link}\n\n{escape(short, quote=False)}".strip(), picture=picture)


def shown(written: str) -> TelegramMessage:
    """Return what JSON says of a message."""
    return msgspec.json.decode(written, type=TelegramMessage)


def written(one: TelegramMessage) -> str:
    """Return a message as JSON; the same message is always the same text."""
    return msgspec.json.encode(one).decode()


@cache
def _texts() -> dict[str, dict[str, str]]:
    return tomllib.loads(_FILE.read_text("utf-8"))
