"""Talks to Telegram's Bot API over HTTP, and says in few words what became of a call."""

import asyncio
import logging
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

import httpx2
import orjson
import structlog

for _name in ("httpx2", "httpcore2"):
    logging.getLogger(_name).setLevel(
        logging.WARNING
    )  # below that they tell addresses, and the token is in them

CALL_SECONDS = 20.0
"""Longest time that a call may take, beside the time for which it is told to wait."""

TOO_MANY, NO_SERVER = 429, 500


log = structlog.get_logger("telegram")


class Away(Exception):  # noqa: N818 - what is so
    """Telegram does not answer, or not as it should: the same call may be sent again later.

    Attributes:
        seconds: for how long at least nothing is to be sent; 0: it did not say.
    """

    def __init__(self, why: str, seconds: float = 0.0) -> None:
        super().__init__(why)
        self.seconds = seconds


class TelegramRefused(Exception):  # noqa: N818 - what it said
    """Telegram refused a call, and would again.

    Attributes:
        code: as HTTP counts.
        why: in its words, small letters.
        moved_to: the number that the chat has now, since it became a supergroup.
    """

    def __init__(self, code: int, why: str, moved_to: int | None = None) -> None:
        super().__init__(f"{code} {why}")
        self.code = code
        self.why = why.lower()
        self.moved_to = moved_to


class BotApi:
    """The Bot API for one bot.

    Args:
        address: of the API, without the token.
        token: of the bot, which begins with its number.

    Attributes:
        user: number of the bot, as a user of Telegram.
    """

    def __init__(self, address: str, token: str) -> None:
        self.user = int(token.partition(":")[0])
        self._base = f"{address.rstrip('/')}/bot{token}/"
        self._client = httpx2.AsyncClient(trust_env=False, follow_redirects=False)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.aclose()

    async def call(
        self, method: str, wait: float = 0.0, file: tuple[str, bytes] | None = None, /, **parameters: Any
    ) -> Any:
        """Call a method and return its result.

        Args:
            method: such as sendMessage.
            wait: seconds for which the server is told to wait before it answers.
            file: name of a parameter and the bytes that are its value.
            parameters: those that are None are left out.

        Raises:
            Away: no answer, or one to come back later.
            TelegramRefused: it was refused.
        """
        given = {name: value for name, value in parameters.items() if value is not None}
        try:
            answer = await self._client.post(
                self._base + method, timeout=httpx2.Timeout(CALL_SECONDS + wait), **_body(given, file)
            )
            told = orjson.loads(answer.content)
            good = told["ok"]
        except httpx2.HTTPError as error:
            raise Away(type(error).__name__) from None  # its words have the address, and the token is in that
        except (ValueError, KeyError, TypeError):
            raise Away("the answer is not that of a Bot API") from None
        if good:
            return told.get("result")
        code, why = int(told.get("error_code", NO_SERVER)), str(told.get("description", ""))
        more = _object(told.get("parameters"))
        if code == TOO_MANY:
            raise Away(f"{code} {why}", float(more.get("retry_after", 0)))
        if code >= NO_SERVER:  # it may have done it
            raise Away(f"{code} {why}")
        moved = more.get("migrate_to_chat_id")
        raise TelegramRefused(code, why, None if moved is None else int(moved))

    async def insist(self, method: str, file: tuple[str, bytes] | None = None, /, **parameters: Any) -> Any:
        """Call a method, and again as often as Telegram says to wait first: it has done nothing then.

        Who calls several methods for one thing comes to its end only so, where few calls are allowed.

        Args:
            method: as `call` takes it.
            file: as there.
            parameters: as there.

        Raises:
            Away: no answer.
            TelegramRefused: it was refused.
        """
        while True:
            try:
                return await self.call(method, 0.0, file, **parameters)
            except Away as away:
                if not away.seconds:
                    raise
                log.warning("telegram.waits", reason=str(away), wait=away.seconds)
                await asyncio.sleep(away.seconds)


def _body(given: Mapping[str, Any], file: tuple[str, bytes] | None) -> dict[str, Any]:
    if file is None:
        headers = {"Content-Type": "application/json"}
        return {"content": orjson.dumps(given), "headers": headers}
    fields = {
        name: value if isinstance(value, str) else orjson.dumps(value).decode()
        for name, value in given.items()
    }
    return {"data": fields, "files": {file[0]: ("picture", file[1])}}


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
