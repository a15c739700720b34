"""Sends one request to an address that a stranger named, within bounds of time and bytes.

No redirect is followed, no proxy and no certificate of the environment is used, no connection is kept: each
request looks its name up again.
"""

import asyncio
import logging
import ssl
from collections.abc import Mapping
from typing import NamedTuple

import httpcore2

from kit.outgoing.connecting import PublicNetwork, Resolve, looked_up, trusted
from kit.outgoing.targets import NotAsked, Target, target_of

SECONDS = 5.0
"""From the look-up of the name to the last byte of the answer."""

MOST_BYTES = 65_536
"""Of an answer's body that are read; its head is bounded by the library, at 100 kB."""

AGENT = b"FrankenJet (+https://www.standardwebhooks.com)"

logging.getLogger("httpcore2").setLevel(logging.WARNING)  # below that it tells addresses


class Unanswered(Exception):  # noqa: N818 - a state of the other side
    """There was no answer. Its text says why, in words of ours."""


class Reply(NamedTuple):
    """What came back."""

    status: int
    headers: Mapping[bytes, bytes]
    """Names in small letters; of several of one name the last."""
    body: bytes
    """As it came, not unpacked."""
    whole: bool
    """False: there is more of it, which was not read."""


class PublicClient:
    """Sends requests to addresses that strangers named.

    Args:
        loopback: whether http and this machine may be asked as well, for trying out.
        resolve: looks names up.
        tls: checks certificates; None: as this machine trusts them.
        seconds: bound of one request.
    """

    def __init__(
        self,
        *,
        loopback: bool = False,
        resolve: Resolve = looked_up,
        tls: ssl.SSLContext | None = None,
        seconds: float = SECONDS,
    ) -> None:
        self.loopback = loopback
        self._network = PublicNetwork(resolve, loopback=loopback)
        self._tls = tls or trusted()
        self._seconds = seconds

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Reply:
        """Send a body.

        Raises:
            Unanswered: the address must not be asked, or there was no whole answer in time.
        """
        return await self._send("POST", url, body, headers)

    async def get(self, url: str, headers: Mapping[str, str] | None = None) -> Reply:
        """Fetch what is there; raises Unanswered as `post` does."""
        return await self._send("GET", url, b"", headers or {})

    async def _send(self, method: str, url: str, body: bytes, headers: Mapping[str, str]) -> Reply:
        try:
            target = target_of(url, loopback=self.loopback)
            async with asyncio.timeout(self._seconds):
                return await self._asked(method, target, body, headers)
        except NotAsked as error:
            raise Unanswered(str(error)) from error
        except (TimeoutError, httpcore2.TimeoutException) as error:
            raise Unanswered("no whole answer in time") from error
        except httpcore2.ConnectError as error:
            is_tls = isinstance(error.__cause__ or error.__context__, ssl.SSLError)
            raise Unanswered("TLS was refused" if is_tls else "cannot be reached") from error
        except (httpcore2.NetworkError, httpcore2.ProtocolError, OSError) as error:
            raise Unanswered("broke off, or is no HTTP") from error

    async def _asked(self, method: str, target: Target, body: bytes, headers: Mapping[str, str]) -> Reply:
        usual = 443 if target.scheme == b"https" else 80
        named = b"[%b]" % target.host if b":" in target.host else target.host
        sent = [
            (b"Host", named if target.port == usual else b"%b:%d" % (named, target.port)),
            (b"User-Agent", AGENT),
            (b"Accept-Encoding", b"identity"),
            (b"Connection", b"close"),
            *((name.encode("ascii"), value.encode("ascii")) for name, value in headers.items()),
        ]
        if method == "POST":
            sent.append((b"Content-Length", str(len(body)).encode()))
        url = httpcore2.URL(scheme=target.scheme, host=target.host, port=target.port, target=target.path)
        async with (
            httpcore2.AsyncConnectionPool(
                ssl_context=self._tls, max_connections=1, network_backend=self._network
            ) as pool,
            pool.stream(method, url, headers=sent, content=body) as answer,
        ):
            known = {name.lower(): value for name, value in answer.headers}
            read = bytearray()
            async for chunk in answer.aiter_stream():
                read += chunk
                if len(read) > MOST_BYTES:
                    break
            return Reply(answer.status, known, bytes(read[:MOST_BYTES]), len(read) <= MOST_BYTES)
