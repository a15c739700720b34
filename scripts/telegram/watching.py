"""Tells administrators when the read models do not keep up, and when they do again."""

import asyncio
import time

from kit.clock import now
from scripts.telegram.our_api import OurAnswer, OurApi
from scripts.telegram.settings import Chat
from scripts.telegram.state import TelegramState
from scripts.telegram.texts import MOST_TEXT, Locale, TelegramMessage, fitted, said, shown, written

LOOK_SECONDS = 2.0
PATIENCE_SECONDS = 30.0
"""Time for which something may be wrong before it is told."""


async def keep_watching(
    state: TelegramState,
    ours: OurApi,
    chat: Chat,
    locale: Locale,
    patience: float = PATIENCE_SECONDS,
    look: float = LOOK_SECONDS,
) -> None:
    """Look until cancelled: one message each time that something is wrong, edited at the end."""
    wrong_since: float | None = None
    while True:
        answer = await ours.ready()
        open_ = state.of("health")
        if answer.good and not _parked(answer):
            wrong_since = None
            if open_ is not None and open_.wanted:
                text = f"{shown(open_.wanted).text}\n\n{said(locale, 'in-order')}"
                state.put(open_.key, open_.chat, {}, written(TelegramMessage(text)))
                state.end(open_.key, f"health/{now().isoformat()}")
        else:
            wrong_since = wrong_since or time.monotonic()
            if open_ is None and time.monotonic() - wrong_since >= patience:
                details = _details(answer) or said(locale, "behind-no-answer")
                text = fitted(locale, "behind", {"details": details}, "details", MOST_TEXT - 200)
                state.put("health", chat, {}, written(TelegramMessage(text)))
                state.commit()
        await asyncio.sleep(look)


def _parked(answer: OurAnswer) -> bool:
    return any(isinstance(one, dict) and one.get("parked") for one in answer.body.values())


def _details(answer: OurAnswer) -> str:
    models = {name: one for name, one in answer.body.items() if isinstance(one, dict)}
    return "\n".join(
        f"{name}: {one.get('position')}, -{one.get('lag_events')}, parked {one.get('parked')}"
        for name, one in models.items()
    )
