"""A browser that goes to a provider and comes back, with what it meets on our side."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit

import httpx2
import pytest

from kit.auth.roles import Identity
from kit.errors import Problem
from kit.mail.sending import into_log
from tests.given.people import People
from tests.servers.identity.openid import OpenId
from tests.servers.identity.plain import Vk, Yandex
from tests.servers.identity.provider import CLIENT, Provider
from tests.servers.running import CHEAP
from write_side.accounts.coming_in import Arrived, let_in, send_away
from write_side.accounts.providers.attempts import new_secret
from write_side.accounts.providers.settings import ProviderName, ProviderSettings
from write_side.accounts.providers.vouched import CameBack
from write_side.accounts.work import AccountSettings, AccountWork, Registration, account_work

SITE = "https://encyclopedia.example"

KINDS: dict[ProviderName, Callable[[], Provider]] = {
    "google": OpenId,
    "telegram": lambda: _scoped(OpenId(), "openid profile"),
    "vk": Vk,
    "yandex": Yandex,
}


def _scoped(provider: OpenId, scope: str) -> OpenId:
    provider.SCOPE = scope  # type: ignore[misc]
    return provider


class Browser(NamedTuple):
    """Somebody's browser, sent to a provider and back."""

    work: AccountWork
    name: ProviderName
    provider: Any
    secret: str

    async def sent(self, who: Identity | None = None) -> dict[str, str]:
        """Go to the provider, agree, and return what is brought back."""
        address = await send_away(self.work, self.name, self.secret, locale="ru", next_="/me", who=who)
        async with httpx2.AsyncClient() as client:
            answer = await client.get(address)
        assert answer.status_code == 302, answer.text
        back = urlsplit(answer.headers["location"])
        assert back._replace(query="").geturl() == f"{SITE}/v1/sign-in/{self.name}/callback"
        return dict(parse_qsl(back.query))

    async def back(self, brought: dict[str, str], secret: str = "") -> Arrived:
        came = CameBack(*(brought.get(one, "") for one in ("code", "state", "iss", "device_id")))
        return await let_in(self.work, self.name, secret or self.secret, came, agent="test")

    async def signed_in(self, who: Identity | None = None) -> Arrived:
        return await self.back(await self.sent(who))


@asynccontextmanager
async def browser(
    people: People, dsn: str, name: ProviderName, registration: Registration = "open"
) -> AsyncIterator[Browser]:
    provider = KINDS[name]()
    with provider.listening():
        offered = {
            name: ProviderSettings(
                client_id=CLIENT, client_secret=provider.SECRET, address=provider.address,
                info_address=provider.address,
            )
        }  # fmt: skip
        settings = AccountSettings(
            people.key, into_log(), "post@example.org", SITE, registration, offered, hashing=CHEAP
        )
        async with account_work(dsn, settings) as work:
            yield Browser(work, name, provider, new_secret())


async def refusal(doing: Any) -> tuple[int, str]:
    with pytest.raises(Problem) as raised:
        await doing
    return raised.value.status, raised.value.type
