"""Talks to a provider over HTTP, within five seconds and a megabyte."""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import msgspec
from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import AsyncOAuth2Client

from kit.errors import Problem
from write_side.accounts.problem_types import PROVIDER_AWAY, PROVIDER_REFUSED
from write_side.accounts.providers.settings import ProviderSettings

SECONDS = 5.0
"""Longest time that a provider has for all that one sign-in asks of it."""

MOST_BYTES = 1_000_000
"""Of one answer."""

for _name in ("authlib", "httpx2", "httpcore2"):
    logging.getLogger(_name).setLevel(logging.WARNING)  # below that they tell addresses and proofs


class _TooLong(httpx2.TransportError):
    """An answer has more bytes than anybody needs."""


class _Limited(httpx2.AsyncByteStream):
    def __init__(self, stream: Any) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        left = MOST_BYTES
        async for chunk in self._stream:
            left -= len(chunk)
            if left < 0:
                raise _TooLong("the answer is too long")
            yield chunk

    async def aclose(self) -> None:
        await self._stream.aclose()


class _LimitedTransport(httpx2.AsyncHTTPTransport):
    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        response = await super().handle_async_request(request)
        if response.headers.get("content-encoding", "identity") != "identity":
            await response.aclose()
            raise _TooLong("the answer is packed, which was not asked for")
        return httpx2.Response(
            response.status_code,
            headers=response.headers,
            stream=_Limited(response.stream),
            extensions=response.extensions,
        )


@asynccontextmanager
async def talking(settings: ProviderSettings, comes_back: str) -> AsyncIterator[AsyncOAuth2Client]:
    """Yield a client for one conversation; no redirects are followed, no proxy of the environment is used.

    Args:
        settings: what we are to the provider.
        comes_back: address of ours that people come back to.

    Raises:
        Problem: 503 when the provider is away, slow, or answers what nobody can read; 403 when it says no.
    """
    try:
        async with (
            asyncio.timeout(SECONDS),
            AsyncOAuth2Client(
                settings.client_id,
                settings.client_secret or None,
                redirect_uri=comes_back,
                transport=_LimitedTransport(),
                trust_env=False,
                headers={"Accept": "application/json", "Accept-Encoding": "identity"},
            ) as client,
        ):
            yield client
    except OAuthError as error:
        raise Problem(PROVIDER_REFUSED) from error
    except httpx2.HTTPStatusError as error:
        if error.response.is_client_error:
            raise Problem(PROVIDER_REFUSED) from error
        raise _away() from error
    except (httpx2.HTTPError, httpx2.InvalidURL, TimeoutError, ValueError) as error:
        raise _away() from error


def _away() -> Problem:
    return Problem(PROVIDER_AWAY, headers={"Retry-After": "30"})


def document_of(response: httpx2.Response) -> Mapping[str, Any]:
    """Return the JSON object of an answer.

    Raises:
        httpx2.HTTPStatusError: it is no 2xx.
        ValueError: it is no JSON object.
    """
    if not response.is_success:
        raise httpx2.HTTPStatusError("not a success", request=response.request, response=response)
    found = msgspec.json.decode(response.content)
    if not isinstance(found, dict):
        raise ValueError("no JSON object")  # noqa: TRY004 - of somebody else's making
    return found
