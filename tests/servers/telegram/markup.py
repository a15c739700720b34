"""How the Bot API reads texts with HTML and buttons, and what it refuses of them."""

import html
import json
import re
from typing import Any

TAGS = {"b", "i", "u", "s", "a", "code", "pre", "strong", "em", "blockquote", "tg-spoiler"}

_PART = re.compile(r"<(/?)([a-z-]+)((?: [a-z]+=\"[^\"]*\")*)>|&(amp|lt|gt|quot|#\d+);|([<>&])|([^<>&]+)")


class Refused(Exception):  # noqa: N818 - an answer
    """A call that is answered with ok: false."""

    def __init__(self, code: int, why: str, **parameters: int) -> None:
        super().__init__(why)
        self.code, self.why, self.parameters = code, why, parameters


def bad(why: str) -> Refused:
    return Refused(400, f"Bad Request: {why}")


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def read(text: str, most: int, too_long: str) -> str:
    """Return a text without its markup, trimmed as the API does; refuse one that it would not read."""
    open_, plain = list[str](), list[str]()
    for part in _PART.finditer(text):
        closing, tag, _, entity, stray, bare = part.groups()
        if stray in {"<", ">"} or (tag and tag not in TAGS):
            raise bad(
                f'can\'t parse entities: Unsupported start tag "{tag or ""}" at byte offset {part.start()}'
            )
        if tag and closing:
            if not open_ or open_.pop() != tag:
                raise bad(f"can't parse entities: Unmatched end tag at byte offset {part.start()}")
        elif tag:
            open_.append(tag)
        else:
            plain.append(html.unescape(f"&{entity};") if entity else stray or bare)
    if open_:
        raise bad(f"can't parse entities: Can't find end tag corresponding to start tag \"{open_[-1]}\"")
    said = "".join(plain).strip()
    if units(said) > most:
        raise bad(too_long)
    return said


def keyboard(given: Any) -> Any:
    """Return the reply markup of a call; refuse buttons that are none."""
    if given is None:
        return None
    markup = json.loads(given) if isinstance(given, str) else given
    if not isinstance(markup, dict) or not set(markup) <= {"inline_keyboard", "force_reply", "selective"}:
        raise bad("object expected as reply markup")
    for row in markup.get("inline_keyboard", []):
        for button in row:
            if not isinstance(button.get("text"), str) or not button["text"].strip():
                raise bad("inline keyboard button text is empty")
            if ("url" in button) == ("callback_data" in button):
                raise bad("Text buttons are unallowed in the inline keyboard")
            if "callback_data" in button and not 1 <= len(button["callback_data"].encode()) <= 64:
                raise bad("BUTTON_DATA_INVALID")
    return markup if markup.get("inline_keyboard") or markup.get("force_reply") else None
