"""`frankenjet alarm`: tells people when a reader of the log is stopped, halted or behind."""

import asyncio
from functools import partial
from html import escape

from kit.ids import new_id
from kit.logging import adopt_libraries, configure
from kit.mail.message import Letter, composed
from kit.mail.sending import Send
from kit.postgres.connect import PROJECTOR
from kit.settings import Settings
from projections.health.alarming import AlarmWatch, Tell
from projections.health.alarms import AlarmNotice
from projections.health.observer import Observer
from scripts.accounts.settings import way_out
from scripts.cli.database import database
from scripts.cli.health import health_port
from scripts.cli.stoppable import until_told
from scripts.models.status import fingerprints
from scripts.telegram.settings import Chat, TelegramSettings, read_telegram
from scripts.telegram.texts import MOST_TEXT, cut
from scripts.telegram.wire import BotApi, TelegramRefused


def alarm(settings: Settings) -> None:
    """Watch until SIGTERM, SIGINT or SIGHUP."""
    configure(settings.log_level, "json")
    adopt_libraries()
    with database(settings, PROJECTOR) as dsn:
        watch = AlarmWatch(Observer(dsn, fingerprints()), ways(settings))
        with health_port(settings.host, settings.alarm_port, "FRANKENJET_ALARM_PORT", watch.answers):
            asyncio.run(until_told(watch.run()))


def ways(settings: Settings) -> dict[str, Tell]:
    """Return how people are told, beside the log."""
    send = way_out(settings)
    found: dict[str, Tell] = {
        f"mail to {one}": partial(_mail, send, settings.mail_from, one) for one in settings.alarm_mail
    }
    if settings.telegram_file is not None:
        told = read_telegram(settings.telegram_file)
        if told.alerts is not None:
            found["Telegram"] = partial(_telegram, told, told.alerts)
    return found


async def _telegram(told: TelegramSettings, chat: Chat, notice: AlarmNotice) -> None:
    text = escape(cut(f"{notice.subject}\n\n{notice.text}", MOST_TEXT), quote=False)
    async with BotApi(told.bot_api, told.bot_token) as wire:
        try:
            await wire.call("sendMessage", chat_id=chat, text=text, parse_mode="HTML")
        except TelegramRefused as refused:
            if refused.moved_to is None:
                raise
            await wire.call("sendMessage", chat_id=refused.moved_to, text=text, parse_mode="HTML")


async def _mail(send: Send, sender: str, address: str, notice: AlarmNotice) -> None:
    letter = Letter(new_id(), address, "en", f"FrankenJet: {notice.subject}", notice.text)
    await send(composed(letter, sender))
