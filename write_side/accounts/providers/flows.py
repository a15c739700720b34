"""How each provider is asked: where people are sent, and who came back (RFC 6749, 7636, 9207)."""

import time
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar
from urllib.parse import urlencode, urlsplit

from authlib.integrations.httpx_client import AsyncOAuth2Client

from kit.errors import Problem
from kit.text import spaced
from write_side.accounts.problem_types import PROVIDER_REFUSED
from write_side.accounts.providers.attempts import Begun
from write_side.accounts.providers.id_token import ProviderKeys
from write_side.accounts.providers.settings import ProviderName, ProviderSettings
from write_side.accounts.providers.vouched import CameBack, Vouched
from write_side.accounts.providers.wire import document_of, talking

DISCOVERED_FOR = 3_600.0
"""Seconds that what a provider says of its addresses is believed."""

_GOOGLE_MAIL = "gmail.com"


class Flow(ABC):
    """A provider that is offered.

    Args:
        settings: what we are to it, and where it is.
        comes_back: address of ours that people come back to: of this provider alone.
    """

    NAME: ClassVar[ProviderName]
    USUAL: ClassVar[str]
    """Address of its sign-in."""
    SCOPE: ClassVar[str | None] = None

    def __init__(self, settings: ProviderSettings, comes_back: str) -> None:
        self._settings, self._comes_back = settings, comes_back
        self._address = (settings.address or self.USUAL).rstrip("/")

    @abstractmethod
    async def address_of(self, begun: Begun) -> str:
        """Return the address that somebody is sent to; raises Problem, 503, when the provider is away."""

    @abstractmethod
    async def vouched(self, came: CameBack, verifier: str, nonce: str) -> Vouched:
        """Ask the provider who came back.

        Raises:
            Problem: 403, it does not say, or is not to be believed; 503, it is away.
        """

    def _sent_to(self, client: AsyncOAuth2Client, endpoint: str, begun: Begun, **more: str) -> str:
        client.code_challenge_method = "S256"
        address, _state = client.create_authorization_url(
            endpoint, state=begun.state, code_verifier=begun.attempt.verifier, scope=self.SCOPE, **more
        )
        return str(address)

    async def _tokens(
        self, client: AsyncOAuth2Client, endpoint: str, came: CameBack, verifier: str, **more: str
    ) -> Mapping[str, Any]:
        """Give the code for tokens; they live as long as this conversation."""
        tokens: Mapping[str, Any] = await client.fetch_token(
            endpoint,
            body=urlencode(more),
            grant_type="authorization_code",
            code=came.code,
            code_verifier=verifier,
        )
        return tokens


class OpenIdFlow(Flow):
    """A provider that publishes its addresses and keys, and signs what it says."""

    ALGORITHMS: ClassVar[tuple[str, ...]] = ("RS256", "ES256")

    def __init__(self, settings: ProviderSettings, comes_back: str) -> None:
        super().__init__(settings, comes_back)
        self._keys = ProviderKeys()
        self._found: Mapping[str, str] = {}
        self._asked = float("-inf")

    async def address_of(self, begun: Begun) -> str:
        async with talking(self._settings, self._comes_back) as client:
            found = await self._discovered(client)
            return self._sent_to(client, found["authorization_endpoint"], begun, nonce=begun.attempt.nonce)

    async def vouched(self, came: CameBack, verifier: str, nonce: str) -> Vouched:
        async with talking(self._settings, self._comes_back) as client:
            found = await self._discovered(client)
            if (came.issuer or found["says"]) and came.issuer != self._address:
                raise Problem(PROVIDER_REFUSED)
            tokens = await self._tokens(client, found["token_endpoint"], came, verifier)
            signed = str(tokens.get("id_token", ""))
            if self._keys.wanted(signed):
                self._keys.set(
                    document_of(await client.request("GET", found["jwks_uri"], withhold_token=True))
                )
        claims = self._keys.claims(
            signed,
            algorithms=self.ALGORITHMS,
            issuer=self._address,
            audience=self._settings.client_id,
            nonce=nonce,
        )
        return Vouched(_subject(claims["sub"]), _name(claims.get("name")), self._hosted(claims))

    def _hosted(self, _claims: Mapping[str, Any]) -> str:
        return ""

    async def _discovered(self, client: AsyncOAuth2Client) -> Mapping[str, str]:
        """Return where the provider is, as it says (OpenID Connect Discovery): nowhere less safe."""
        if time.monotonic() - self._asked > DISCOVERED_FOR:
            place = f"{self._address}/.well-known/openid-configuration"
            said = document_of(await client.request("GET", place, withhold_token=True))
            found = {
                one: str(said.get(one)) for one in ("authorization_endpoint", "token_endpoint", "jwks_uri")
            }
            scheme = urlsplit(self._address).scheme
            safe = all(urlsplit(one).scheme in {"https", scheme} for one in found.values())
            if said.get("issuer") != self._address or not safe:
                raise Problem(PROVIDER_REFUSED)
            says = said.get("authorization_response_iss_parameter_supported") is True
            self._found, self._asked = found | {"says": "yes" if says else ""}, time.monotonic()
        return self._found


class Google(OpenIdFlow):
    """Google: its word for an address counts where it hosts the mail."""

    NAME, USUAL = "google", "https://accounts.google.com"
    SCOPE = "openid email profile"

    def _hosted(self, claims: Mapping[str, Any]) -> str:
        email, domain = str(claims.get("email", "")), claims.get("hd")
        hosts = {_GOOGLE_MAIL, domain} if isinstance(domain, str) else {_GOOGLE_MAIL}
        ours = email.rpartition("@")[2].lower() in hosts
        return email if ours and claims.get("email_verified") is True else ""


class Telegram(OpenIdFlow):
    """Telegram: the bot's owner chose with which algorithm it signs; it tells no addresses of mail."""

    NAME, USUAL = "telegram", "https://oauth.telegram.org"
    SCOPE = "openid profile"
    ALGORITHMS = ("RS256", "ES256", "EdDSA", "ES256K")


class Vk(Flow):
    """VK ID: OAuth 2.1, where the device has to be named with the code."""

    NAME, USUAL = "vk", "https://id.vk.ru"

    async def address_of(self, begun: Begun) -> str:
        async with talking(self._settings, self._comes_back) as client:
            return self._sent_to(client, f"{self._address}/authorize", begun)

    async def vouched(self, came: CameBack, verifier: str, nonce: str) -> Vouched:  # noqa: ARG002 - it signs nothing
        async with talking(self._settings, self._comes_back) as client:
            tokens = await self._tokens(
                client, f"{self._address}/oauth2/auth", came, verifier,
                device_id=came.device, state=came.state,
            )  # fmt: skip
            if tokens.get("state", came.state) != came.state:
                raise Problem(PROVIDER_REFUSED)
            form = {"client_id": self._settings.client_id, "access_token": _access(tokens)}
            answer = await client.request(
                "POST", f"{self._address}/oauth2/user_info", data=form, withhold_token=True
            )
        user = document_of(answer).get("user")
        if not isinstance(user, dict):
            raise Problem(PROVIDER_REFUSED)
        names = (str(user.get(one) or "") for one in ("first_name", "last_name"))
        return Vouched(_subject(user.get("user_id")), _name(" ".join(names)))


class Yandex(Flow):
    """Yandex ID: plain OAuth 2, with a header of its own for the question who it was."""

    NAME, USUAL = "yandex", "https://oauth.yandex.ru"
    USUAL_INFO: ClassVar[str] = "https://login.yandex.ru"

    async def address_of(self, begun: Begun) -> str:
        async with talking(self._settings, self._comes_back) as client:
            return self._sent_to(client, f"{self._address}/authorize", begun)

    async def vouched(self, came: CameBack, verifier: str, nonce: str) -> Vouched:  # noqa: ARG002 - it signs nothing
        place = f"{self._settings.info_address or self.USUAL_INFO}/info?format=json"
        async with talking(self._settings, self._comes_back) as client:
            tokens = await self._tokens(client, f"{self._address}/token", came, verifier)
            headers = {"Authorization": f"OAuth {_access(tokens)}"}
            user = document_of(await client.request("GET", place, headers=headers, withhold_token=True))
        return Vouched(_subject(user.get("id")), _name(user.get("real_name") or user.get("display_name")))


FLOWS: tuple[type[Flow], ...] = (Google, Telegram, Vk, Yandex)


def _subject(found: Any) -> str:
    """Return the provider's name of somebody; raises Problem, 403, when it says none."""
    text = str(found) if isinstance(found, str | int) and not isinstance(found, bool) else ""
    if not 1 <= len(text) <= 255 or not text.isprintable():  # noqa: PLR2004 - OpenID Connect Core, section 2
        raise Problem(PROVIDER_REFUSED)
    return text


def _access(tokens: Mapping[str, Any]) -> str:
    found = tokens.get("access_token")
    if not isinstance(found, str) or not found.isascii() or not found.isprintable():
        raise Problem(PROVIDER_REFUSED)
    return found


def _name(found: Any) -> str:
    return spaced(found)[:100] if isinstance(found, str) else ""
