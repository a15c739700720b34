"""`frankenjet telegram`: runs the bot until it is told to end."""

import asyncio
import sys
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path

from kit.errors import Refused
from kit.running.ending import end
from scripts.bot.following import StreamFollower
from scripts.bot.kept import KeptPosition, kept
from scripts.bot.words import printable
from scripts.telegram.our_api import OurApi
from scripts.telegram.posts import Posts
from scripts.telegram.sending import Sending
from scripts.telegram.settings import TelegramSettings
from scripts.telegram.state import TABLES, TelegramState
from scripts.telegram.updates import Updates
from scripts.telegram.wire import BotApi

FILE = Path("telegram") / "bot.sqlite"
"""In the state folder."""


async def telegram(
    settings: TelegramSettings,
    *,
    url: str,
    folder: Path,
    after: int | None = None,
    tell: Callable[[str], None] | None = None,
) -> None:
    """Run the bot until cancelled; one of the three others that is away is waited for.

    Args:
        settings: the bot, its chats, and where the two APIs are.
        url: of the broker.
        folder: where it keeps its file.
        after: position after which it begins, where it has not begun yet; None: with what comes next.
        tell: says something about the bot itself; default: standard error.

    Raises:
        Refused: there is no broker to be asked, or another bot works with the file.
    """
    if not url:
        raise Refused(["RABBITMQ_URL: it is not set: the bot follows what RabbitMQ delivers"])
    async with AsyncExitStack() as stack:
        database = stack.enter_context(kept(folder / FILE, TABLES))
        wire = await stack.enter_async_context(BotApi(settings.bot_api, settings.bot_token))
        ours = await stack.enter_async_context(OurApi(settings.api, settings.token))
        state = TelegramState(database)
        posts = Posts(state, settings, ours)
        place = KeptPosition(database, after)
        follower = StreamFollower(url, place, posts.handle, tell or _err, late=posts.late)
        doing = [
            follower.follow(),
            Sending(state, wire, ours, settings.locale).keep_sending(),
            Updates(state, wire, ours, settings.locale).keep_hearing(),
        ]
        tasks = [asyncio.create_task(one) for one in doing]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
            for one in done:
                one.result()
        finally:
            await end(*tasks)


def _err(line: str) -> None:
    print(printable(line), file=sys.stderr, flush=True)
