"""Connects to what a name means at this moment, after a look at every address: none is looked up twice."""

import asyncio
import socket
import ssl
import threading
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from functools import cache
from typing import Any

import httpcore2

from kit.outgoing.public import address_of
from kit.outgoing.targets import NotAsked, require_allowed

type Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""Returns the addresses of a name; raises OSError when there are none."""

LOOKING_UP = 32
"""Names that are looked up at the same time; a server of names that says nothing holds one of these."""

_turns = threading.BoundedSemaphore(LOOKING_UP)


async def looked_up(host: str, port: int) -> Sequence[str]:
    """Return the addresses of a name, as this machine finds them; raises OSError when there are none.

    A look-up cannot be stopped. Its thread is one that neither the end of this process waits for, nor
    anything else that is done in threads.
    """
    if not _turns.acquire(blocking=False):
        raise OSError("too many names are looked up")
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[Sequence[str]] = loop.create_future()

    def tell(found: Sequence[str], error: Exception | None) -> None:
        if not answer.done():
            answer.set_result(found) if error is None else answer.set_exception(error)

    def look() -> None:
        found: Sequence[str] = ()
        failed: Exception | None = None
        try:
            named = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            found = list(dict.fromkeys(str(one[4][0]) for one in named))
        except (OSError, UnicodeError) as error:
            failed = OSError(str(error))
        finally:
            _turns.release()
        with suppress(RuntimeError):  # the loop is gone
            loop.call_soon_threadsafe(tell, found, failed)

    threading.Thread(target=look, name="frankenjet name", daemon=True).start()
    return await answer


class PublicNetwork(httpcore2.AsyncNetworkBackend):
    """Opens connections to public addresses, for httpcore. TLS keeps the name that was asked for.

    Args:
        resolve: looks names up.
        loopback: whether this machine may be reached as well.
        within: opens connections; None: those of this machine's network.
    """

    def __init__(
        self,
        resolve: Resolve = looked_up,
        *,
        loopback: bool = False,
        within: httpcore2.AsyncNetworkBackend | None = None,
    ) -> None:
        self._resolve = resolve
        self._loopback = loopback
        self._within = within or httpcore2.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - as the library has it
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """Connect to one of the addresses of a name.

        Raises:
            NotAsked: one of them is not public; nothing was connected to.
            httpcore2.ConnectError: there is none, or none of them answers.
        """
        try:
            found = await self._resolve(host, port)
        except OSError as error:
            raise httpcore2.ConnectError("the name is not known") from error
        for one in found:
            self._look_at(one)
        failed: Exception = httpcore2.ConnectError("the name is not known")
        for one in found:
            try:
                stream = await self._within.connect_tcp(one, port, timeout, local_address, socket_options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failed = error
                continue
            try:
                self._look_at(stream.get_extra_info("server_addr")[0])
            except BaseException:
                await stream.aclose()
                raise
            return stream
        raise failed

    async def connect_unix_socket(self, *_: Any, **__: Any) -> httpcore2.AsyncNetworkStream:
        """Refuse: no stranger names a file of ours."""
        raise NotAsked("is no address of a network")

    async def sleep(self, seconds: float) -> None:
        await self._within.sleep(seconds)

    def _look_at(self, text: str) -> None:
        address = address_of(text)
        if address is None:
            raise NotAsked("leads to no public address")
        require_allowed(address, loopback=self._loopback)


@cache
def trusted() -> ssl.SSLContext:
    """Return what checks certificates: those that this machine trusts, TLS 1.2 and later; it is read once."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context
