"""Serves applications over HTTP inside this very process, so that nothing of it outlives it."""

import asyncio
import socket
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

from granian import _futures, _granian
from granian.http import HTTP1Settings
from starlette.types import ASGIApp

from kit.http.edge.connections import STILL_SECONDS, Connections

HEAD_SECONDS = 10.0
"""Time for the head of a request to arrive."""

BUFFER = 72 * 1024
"""Bytes of a connection that the server reads ahead, and that it keeps of answers beside their last piece."""

BACKLOG = 1024
"""Connections that wait to be taken."""

CUT_SECONDS = 0.5
"""Time for connections to end by themselves, and once more after they were cut."""

LOOK_SECONDS = 0.02
"""Seconds between two looks at what is still being answered."""

UNSENT = 128 * 1024
"""Bytes of a connection that the system holds beside those on their way: else it takes megabytes for each."""

_GRANIAN: Any = _granian
_SCHEDULER: Any = _futures._new_cbscheduler  # noqa: SLF001 - as its child does
"""Untyped: what is written about their types is of another version."""

_THREADS = (1, 512, 1, 30)
"""Of the server, at most of its files, of Python; and seconds that those may be idle."""

_PLAIN: tuple[Any, ...] = (False, None, None, None, "tls1.3", None, [], False)
"""No TLS: what stands ahead of us does that."""


class Listening(NamedTuple):
    """An application, and the socket at which it is asked for."""

    app: ASGIApp
    door: socket.socket


def door_at(host: str, port: int) -> socket.socket:
    """Return a socket that has a port, and listens once it is served; 0: any free port.

    Raises:
        OSError: the port is taken, or not ours to take.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    door = socket.socket(family, socket.SOCK_STREAM)
    try:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        door.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if sys.platform == "linux":
            door.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, UNSENT)
        door.bind((host, port))
    except BaseException:
        door.close()
        raise
    return door


class Server:
    """One place while it is served.

    granian's own process is a parent that starts the server as a child, and restarts it; we want one
    process that a supervisor of the machine restarts. So its worker is run here, by the calls that its child
    makes. They are not its public interface: the requirements pin the version, and the tests run over it.

    Args:
        place: what to serve; its socket becomes the server's.
        connections: open at the same time; further ones wait in the backlog.
        head_seconds: time for the head of a request; also how long a connection may be silent between two.
    """

    def __init__(self, place: Listening, connections: int, head_seconds: float) -> None:
        self.busy = 0
        """Requests that are being answered, those included whose answer is not read."""
        self.ended = asyncio.Event()
        """Set when the last connection of a server that was stopped has ended."""
        self._told = _GRANIAN.WorkerSignal()
        loop = asyncio.get_running_loop()
        self._told.add_cb(lambda: loop.call_soon_threadsafe(self.ended.set))
        place.door.listen(BACKLOG)
        door = place.door.detach()
        unix = False
        backlog = (BACKLOG,) if sys.platform == "linux" else ()
        holder = _GRANIAN.SocketHolder(door, unix, *backlog)
        http1 = HTTP1Settings(header_read_timeout=int(head_seconds * 1000), max_buffer_size=BUFFER)
        http2 = files = metrics = None
        websockets = False  # record 54 says why
        worker = _GRANIAN.ASGIWorker(
            1, (None, holder), None, *_THREADS, connections, "1", http1, http2, websockets, files,
            *_PLAIN, (metrics, None),
        )  # fmt: skip
        self._scheduler = _SCHEDULER(loop, self._answering(place.app), impl_asyncio=True)
        # In a thread of its own. The other way holds the interpreter while it waits for threads that want it.
        worker.serve_str(self._scheduler, loop, self._told)

    def stop(self) -> None:
        """Take no more connections, and end each one after what it has been given."""
        self._told.set()

    def _answering(self, app: ASGIApp) -> Any:
        async def answer(watcher: Any) -> None:
            scope, channel = watcher.scope, watcher.proto
            scope["root_path"] = ""
            scope["state"] = {}
            self.busy += 1
            try:
                await app(scope, channel.receive, channel.send)
            except BaseException as error:  # noqa: BLE001 - the server cuts the connection and logs it
                watcher.err(error)
            else:
                watcher.done()
            finally:
                self.busy -= 1

        return answer


async def serve(
    places: Sequence[Listening],
    told: asyncio.Event,
    *,
    connections: int,
    per_address: int,
    grace: float,
    ending: Callable[[], object] = lambda: None,
    head_seconds: float = HEAD_SECONDS,
    still: float = STILL_SECONDS,
) -> None:
    """Serve until told otherwise, then let requests that have begun end, and cut what is left.

    Args:
        places: what to serve.
        told: ends it.
        connections: open at the same time, at each place.
        per_address: of those, from one address, before the ones where nothing moves are cut.
        grace: seconds that requests have to end.
        ending: called as soon as it is told: ends what would last for as long as the process.
        head_seconds: see `Server`.
        still: seconds after which a connection is cut where nothing has moved.
    """
    doors = [place.door.getsockname()[1] for place in places]
    watch = Connections(doors, limit=connections, per_address=per_address, still=still)
    servers = [Server(place, connections, head_seconds) for place in places]
    watching = asyncio.create_task(watch.run())
    await told.wait()
    ending()
    watching.cancel()
    with suppress(TimeoutError):
        async with asyncio.timeout(grace):
            while any(server.busy for server in servers):  # noqa: ASYNC110 - to count is cheaper than to tell
                await asyncio.sleep(LOOK_SECONDS)
    if any(server.busy for server in servers):
        watch.cut_all()
        await asyncio.sleep(LOOK_SECONDS)
    for server in servers:
        server.stop()
    # What is still open then is silent, or has been answered and is not read.
    for _ in range(2):
        with suppress(TimeoutError):
            async with asyncio.timeout(CUT_SECONDS):
                for server in servers:
                    await server.ended.wait()
                return
        watch.cut_all()
