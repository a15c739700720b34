"""What people write to the bot and press: links, buttons, and the comments that buttons ask for."""

import asyncio
from collections.abc import Mapping
from html import escape
from typing import Any

import structlog

from scripts.telegram.buttons import number_in, pressed
from scripts.telegram.our_api import OurAnswer, OurApi
from scripts.telegram.state import KeptMessage, TelegramState
from scripts.telegram.strangers import Strangers
from scripts.telegram.texts import MOST_ANSWER, Locale, cut, said, shown, units
from scripts.telegram.wire import Away, BotApi, TelegramRefused

WAIT_SECONDS = 25
"""Time for which Telegram is told to wait for an update."""

TRIES, PAUSE_SECONDS = 5, 1.0
"""How often a command is sent while our API does not answer."""

MOST_COMMENT = 2_000
"""Characters of a comment of a return."""

BY_BUTTON = "By a button in Telegram"

log = structlog.get_logger("telegram")

type Facts = Mapping[str, Any]


class Updates:
    """Hears what people do, each of it once; a process that dies in between does it again, with the same key.

    Args:
        state: knows what was heard.
        telegram: tells.
        ours: does what a button says.
        locale: the language of answers.
    """

    def __init__(self, state: TelegramState, telegram: BotApi, ours: OurApi, locale: Locale) -> None:
        self._state = state
        self._telegram = telegram
        self._ours = ours
        self._locale: Locale = locale
        self._strangers = Strangers()

    async def keep_hearing(self) -> None:
        """Hear until cancelled."""
        while True:
            try:
                found = await self._telegram.call(
                    "getUpdates", WAIT_SECONDS, timeout=WAIT_SECONDS, offset=self._state.offset(),
                    allowed_updates=["message", "callback_query"],
                )  # fmt: skip
            except (Away, TelegramRefused) as error:
                log.warning("telegram.away", reason=str(error))
                await asyncio.sleep(getattr(error, "seconds", 0.0) or 2.0)
                continue
            for update in found:
                if not self._state.has_heard(update["update_id"]):
                    await self._hear(update)
                    self._state.hear(update["update_id"])

    async def _hear(self, update: Facts) -> None:
        try:
            if "callback_query" in update:
                await self._press(update["callback_query"])
            elif "message" in update:
                await self._message(update["message"])
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            log.warning("telegram.unreadable", error=type(error).__name__)

    async def _message(self, message: Facts) -> None:
        text, chat = str(message.get("text", "")), message["chat"]
        self._state.sees(chat["id"], message["message_id"])
        if "migrate_to_chat_id" in message:  # a group became a supergroup
            self._state.is_moved(chat["id"], message["migrate_to_chat_id"])
        answered = message.get("reply_to_message")
        asked = self._state.asked(chat["id"], answered["message_id"]) if answered else None
        command, _, code = text.partition(" ")
        if asked is not None and answered is not None:
            await self._comment(message, answered["message_id"], *asked)
        elif chat["type"] != "private" or not self._strangers.may_write(chat["id"]):
            return
        elif command == "/start" and code:
            answer = await self._tried(lambda: self._ours.link(message["from"]["id"], code.strip()))
            told = said(self._locale, "linked") if answer.good else self._why(answer)
            await self._tell(chat["id"], told, tries=1)
        else:
            await self._tell(chat["id"], said(self._locale, "hello"), tries=1)

    async def _press(self, press: Facts) -> None:
        """Do what a button says, if it is one of ours, of the message that it is below."""
        message, data = press.get("message") or {}, str(press.get("data", ""))
        one = self._state.at(number) if (number := number_in(data)) is not None else None
        known = one and pressed(self._state.secret, data, one.chat)
        if one is None or known is None or not _is_below(one, message):
            await self._answer(press["id"], said(self._locale, "unknown-button"))
            return
        if not _has_button(one, data):  # somebody kept what it sent back, or Telegram shows it still
            await self._answer(press["id"], said(self._locale, "changed"))
            return
        if one.message is None:  # it was sent by a process that died before it could note that
            self._state.is_shown(one.number, one.wanted, message["message_id"])
        if known.act == "return":
            await self._ask(press, one, data)
            return
        body = {"revision": one.facts["revision"]} if known.act == "publish" else {"reason": BY_BUTTON}
        answer = await self._done(press["from"]["id"], known.act, one, body, str(press["id"]))
        await self._answer(press["id"], self._why(answer))

    async def _ask(self, press: Facts, one: KeptMessage, data: str) -> None:
        """Ask somebody for the comment with which he returns a submission."""
        person = press["from"]
        name = escape(cut(str(person.get("first_name", "")), 100), quote=False)
        mention = f'<a href="tg://user?id={int(person["id"])}">{name or person["id"]}</a>'
        made = await self._tell(
            one.chat,
            said(self._locale, "ask-comment", person=mention),
            reply_parameters={"message_id": one.message},
            reply_markup={"force_reply": True, "selective": True},
        )
        if made is not None:
            self._state.asks(press["message"]["chat"]["id"], made, person["id"], data)
        await self._answer(press["id"], "")

    async def _comment(self, message: Facts, asking: int, person: int, data: str) -> None:
        chat = message["chat"]["id"]
        if message["from"]["id"] != person:
            await self._tell(chat, said(self._locale, "not-yours"))
            return
        number = number_in(data)
        one = None if number is None else self._state.at(number)
        if one is None:
            return
        comment = " ".join(str(message.get("text", "")).split())[:MOST_COMMENT]
        key = f"{chat}/{message['message_id']}"
        answer = await self._done(person, "return", one, {"comment": comment}, key)
        if answer.good:
            self._state.has_commented(chat, asking)
        await self._tell(chat, escape(self._why(answer), quote=False))

    async def _done(self, user: int, act: str, one: KeptMessage, body: Facts, key: str) -> OurAnswer:
        return await self._tried(lambda: self._ours.act(user, act, one.facts, body, key))

    async def _tried(self, ask: Any) -> OurAnswer:
        """Ask our API, and again while it is away."""
        answer: OurAnswer = await ask()
        for _ in range(TRIES - 1):
            if not answer.away:
                break
            await asyncio.sleep(PAUSE_SECONDS)
            answer = await ask()
        return answer

    def _why(self, answer: OurAnswer) -> str:
        """Return what became of something, in words."""
        if answer.good:
            return said(self._locale, "done")
        if answer.away:
            return said(self._locale, "away")
        if answer.problem == "telegram-unknown":
            return said(self._locale, "not-linked")
        if answer.status == 412:  # noqa: PLR2004 - of HTTP
            return said(self._locale, "changed")
        return said(self._locale, "refused", why=str(answer.body.get("title", answer.status)))

    async def _answer(self, press: str, text: str) -> None:
        """OurAnswer a press; an answer that comes too late, or not at all, is no loss."""
        try:
            await self._telegram.call(
                "answerCallbackQuery", callback_query_id=press, text=cut(text, MOST_ANSWER) or None,
                show_alert=units(text) > MOST_ANSWER // 4 or None,
            )  # fmt: skip
        except (Away, TelegramRefused) as error:
            log.info("telegram.unanswered", reason=str(error))

    async def _tell(self, chat: int | str, text: str, tries: int = TRIES, **more: Any) -> int | None:
        """Send a message that answers somebody, and return its id; None: it could not be sent.

        Args:
            chat: where.
            text: with Telegram's HTML.
            tries: everybody else waits for all of them.
            more: parameters of the call.
        """
        for left in range(tries, 0, -1):
            try:
                made = await self._telegram.call(
                    "sendMessage", chat_id=chat, text=text, parse_mode="HTML", **more
                )
                self._state.sees(chat, made["message_id"])
                self._state.commit()
                return int(made["message_id"])
            except Away as away:
                if left > 1:
                    await asyncio.sleep(away.seconds or PAUSE_SECONDS)
            except TelegramRefused as refused:
                log.warning("telegram.refused", code=refused.code, reason=refused.why)
                return None
        return None


def _has_button(one: KeptMessage, data: str) -> bool:
    """Tell whether a message should have a button now."""
    return bool(one.wanted) and any(button.data == data for button in shown(one.wanted).buttons)


def _is_below(one: KeptMessage, message: Facts) -> bool:
    """Tell whether the message that somebody saw is the one that the button was made for."""
    chat = message.get("chat", {})
    same = one.chat == chat.get("id") or (
        isinstance(one.chat, str) and one.chat.lower() == f"@{chat.get('username', '')}".lower()
    )
    return same and one.message in {None, message.get("message_id")}
