"""Brings Telegram to what should be there: sends once, edits instead of repeating, takes away."""

import asyncio
from contextlib import suppress
from html import escape
from typing import Any, NamedTuple

import structlog

from scripts.telegram import rendering
from scripts.telegram.our_api import OurApi
from scripts.telegram.state import KeptMessage, TelegramState
from scripts.telegram.texts import Locale, TelegramMessage, cut, said, shown
from scripts.telegram.wire import Away, BotApi, TelegramRefused

LOOKED_THROUGH = 10
"""Messages of a chat among which one is looked for that may have been sent."""

LOOK_SECONDS = 0.2
"""Seconds between two looks for what is not as it should be, unless somebody says that something is."""

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0

log = structlog.get_logger("telegram")


class FoundMessage(NamedTuple):
    """A message that was sent, although nobody heard that it was."""

    message: int
    photo: bool


class Sending:
    """Sends what is not there as it should be, one message after the other, oldest first.

    Before a message is sent for the first time, that is noted; its id is noted after. A process that dies in
    between may have sent it. The next one looks for it among the messages that came after: a bot can edit its
    own alone, and all others of its own are known. If it is not found it is sent again: at least once. What
    has an id is only edited.

    Where none was known before, it is looked for among those before a mark, which is sent without a sound and
    taken away. Where an administrator lets the bot edit the messages of others, it looks for nothing.

    Args:
        state: what should be there, and what is.
        telegram: where.
        ours: has the pictures.
        locale: of what stands in place of a post that cannot be deleted any more.
    """

    def __init__(self, state: TelegramState, telegram: BotApi, ours: OurApi, locale: Locale) -> None:
        self._state = state
        self._telegram = telegram
        self._ours = ours
        self._locale: Locale = locale

    async def keep_sending(self) -> None:
        """Send until cancelled; Telegram is obeyed when it says how long to wait."""
        pause = FIRST_PAUSE
        while True:
            rendering.move(self._state, self._locale)
            message = self._state.unsent()
            if message is None:
                await asyncio.sleep(LOOK_SECONDS)
                continue
            try:
                await self._bring(message)
                pause = FIRST_PAUSE
            except Away as away:
                log.warning("telegram.away", reason=str(away), wait=pause)
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE)
            except TelegramRefused as refused:
                if refused.moved_to is not None and self._state.now(message.chat) == message.chat:
                    self._state.is_moved(message.chat, refused.moved_to)
                    continue
                log.error("telegram.refused", key=message.key, code=refused.code, reason=refused.why)  # noqa: TRY400 - the line says all
                self._state.has_failed(message.number, str(refused))

    async def _bring(self, one: KeptMessage) -> None:
        if not one.wanted:
            await self._take_away(one)
        elif one.message is None:
            await self._send(one, shown(one.wanted))
        else:
            await self._edit(one, one.message, shown(one.wanted))

    async def _send(self, one: KeptMessage, wanted: TelegramMessage) -> None:
        if one.sending and (found := await self._found(one, wanted)) is not None:
            self._state.is_shown(one.number, one.wanted, found.message, photo=found.photo)
            return
        self._state.sends(one.number)
        picture = await self._ours.bytes_of(wanted.picture) if wanted.picture else None
        common: dict[str, Any] = {"chat_id": one.chat, "parse_mode": "HTML"}
        common |= {"reply_markup": wanted.markup} if wanted.buttons else {}
        made = None
        if picture is not None:
            try:
                made = await self._telegram.insist(
                    "sendPhoto", ("photo", picture), caption=wanted.text, **common
                )
            except TelegramRefused as refused:  # such as too long for its width
                log.warning("telegram.no_picture", key=one.key, code=refused.code, reason=refused.why)
                picture = None
        if made is None:
            made = await self._telegram.insist("sendMessage", text=wanted.text, **common)
        self._state.is_shown(one.number, one.wanted, int(made["message_id"]), photo=picture is not None)

    async def _found(self, one: KeptMessage, wanted: TelegramMessage) -> FoundMessage | None:
        """Return a message that may have been sent, once it is as wanted; None: it is not found."""
        if await self._edits_others(one.chat):
            return None
        floor = await self._marked(one) if one.floor is None else one.floor
        for message in range(floor + 1, floor + 1 + LOOKED_THROUGH):
            if message > 0 and not self._state.has_seen(one.chat, message):
                found = await self._is_ours(one.chat, message, wanted)
                if found is not None:
                    return found
        return None

    async def _is_ours(self, chat: int | str, message: int, wanted: TelegramMessage) -> FoundMessage | None:
        """Make a message what is wanted, with a picture or without; None: it is not ours, or not there."""
        for photo in (bool(wanted.picture), not wanted.picture):
            try:
                await self._change(chat, message, wanted, photo=photo)
            except TelegramRefused as refused:
                if "is not modified" in refused.why:
                    return FoundMessage(message, photo)
                if "in the message to edit" not in refused.why:
                    return None
            else:
                return FoundMessage(message, photo)
        return None

    async def _marked(self, one: KeptMessage) -> int:
        """Return the id after which a message is looked for in a chat of which no other is known."""
        mark = await self._telegram.insist(
            "sendMessage", chat_id=one.chat, text="…", disable_notification=True
        )
        floor = int(mark["message_id"]) - 1 - LOOKED_THROUGH
        self._state.looks_after(one.number, floor)
        with suppress(TelegramRefused):
            await self._telegram.insist("deleteMessage", chat_id=one.chat, message_id=mark["message_id"])
        return floor

    async def _edits_others(self, chat: int | str) -> bool:
        """Tell whether an edit might change what somebody else wrote; where nobody says, it might."""
        try:
            me = await self._telegram.insist("getChatMember", chat_id=chat, user_id=self._telegram.user)
        except TelegramRefused:
            return True
        return bool(me.get("can_edit_messages"))

    async def _edit(self, one: KeptMessage, message: int, wanted: TelegramMessage) -> None:
        try:
            await self._change(one.chat, message, wanted, photo=one.photo)
        except TelegramRefused as refused:
            if not _is_so(refused):
                raise
        self._state.is_shown(one.number, one.wanted, message, photo=one.photo)

    async def _change(self, chat: int | str, message: int, wanted: TelegramMessage, *, photo: bool) -> None:
        text = {"caption": wanted.text} if photo else {"text": wanted.text}
        await self._telegram.insist(
            "editMessageCaption" if photo else "editMessageText",
            **text
            | {"chat_id": chat, "message_id": message, "parse_mode": "HTML", "reply_markup": wanted.markup},
        )

    async def _take_away(self, one: KeptMessage) -> None:
        """Delete a message; one that is too old for that says that it is gone."""
        message, photo = one.message, one.photo
        if message is None:  # a process died while it sent it
            found = await self._found(one, TelegramMessage("…"))
            if found is None:
                self._state.is_shown(one.number, "", None)
                return
            message, photo = found
        try:
            await self._telegram.insist("deleteMessage", chat_id=one.chat, message_id=message)
        except TelegramRefused as refused:
            if "not found" not in refused.why:
                title = str(one.facts.get("title", ""))
                gone = TelegramMessage(said(self._locale, "gone", title=escape(cut(title, 250), quote=False)))
                await self._change(one.chat, message, gone, photo=photo)
                self._state.is_shown(one.number, "", message, photo=photo)
                return
        self._state.is_shown(one.number, "", None)


def _is_so(refused: TelegramRefused) -> bool:
    """Tell whether an edit was refused because it is so already, or because somebody deleted the message."""
    return "is not modified" in refused.why or "not found" in refused.why
