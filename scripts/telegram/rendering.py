"""Writes messages with buttons from the facts kept with them, so that a name can be taken out again."""

from collections.abc import Mapping
from typing import Any

from scripts.telegram.buttons import ActName, data_of
from scripts.telegram.settings import Chat
from scripts.telegram.state import KeptMessage, TelegramState
from scripts.telegram.texts import (
    MOST_TEXT,
    Button,
    Locale,
    TelegramMessage,
    fitted,
    said,
    written,
)

type Facts = dict[str, Any]

MOST_ENDING = 280
"""Units of UTF-16 of what became of it, which comes below the rest."""

_ACTS: Mapping[str, tuple[ActName, ...]] = {
    "submitted": ("publish", "return"),
    "signed-in": ("sign-out", "disable"),
}
"""The buttons of each message, by its text."""

_LONG = {"submitted": "summary", "signed-in": "who", "returned": "comment"}
"""What is cut first of a text; of all others the name."""


def named(who: str, account: str) -> Facts:
    """Return what a text says of somebody, and whose name that is."""
    return {"who": who, "account": account}


def put(state: TelegramState, locale: Locale, key: str, chat: Chat, facts: Facts) -> None:
    """Say what a message should be now, by its facts; it is made if it was not there.

    Args:
        state: keeps it.
        locale: the language of its text.
        key: names the message.
        chat: where it should be, if it is not anywhere yet.
        facts: `said`, the name of its text, and what that says; as `ending` the same of what became of it.
    """
    there = state.of(key)
    if there is None:
        state.put(key, chat, facts, "")  # its buttons name its number
        there = state.of(key)
    if there is not None:
        state.put(key, chat, facts, written(_message(state, locale, there, facts)))


def without(state: TelegramState, locale: Locale, account: str) -> None:
    """Take the name of an erased account out of all messages that have it."""
    nobody = named(said(locale, "erased-name"), "")
    for one in state.naming(account):
        facts = dict(one.facts)
        if facts.get("account") == account:
            facts |= nobody
        if facts.get("ending", {}).get("account") == account:
            facts["ending"] = facts["ending"] | nobody
        if facts != one.facts:
            put(state, locale, one.key, one.chat, facts)


def move(state: TelegramState, locale: Locale) -> None:
    """Go on where chats are now: what can still be pressed, or was not sent yet, is sent there.

    The rest stays as it is in a group that became a supergroup, where nothing can be edited any more.
    """
    left = state.left_behind()
    for one in left:
        open_ = "said" in one.facts and "ending" not in one.facts
        if one.message is None or open_:
            state.goes_on_in(one.number, state.now(one.chat))
        if open_:
            put(state, locale, one.key, one.chat, one.facts)
    if left:
        state.all_moved()


def _message(state: TelegramState, locale: Locale, one: KeptMessage, facts: Facts) -> TelegramMessage:
    ending = facts.get("ending")
    text = _text(locale, facts, MOST_TEXT - MOST_ENDING - 20)
    if ending is not None:
        return TelegramMessage(f"{text}\n\n{_text(locale, ending, MOST_ENDING)}")
    acts = _ACTS.get(facts["said"], ())
    return TelegramMessage(
        text, [Button(said(locale, act), data_of(state.secret, act, one.number, one.chat)) for act in acts]
    )


def _text(locale: Locale, facts: Facts, most: int) -> str:
    what = str(facts["said"])
    texts = {name: str(value) for name, value in facts.items() if name not in {"said", "ending", "account"}}
    return fitted(locale, what, texts, _LONG.get(what, "who"), most)
