"""Followers of the stream in a process of their own, which take little from what they measure.

`python -m scripts.bench.lasting.followers PORT COUNT FILE`: into the file go positions and moments of a clock
that all processes of a machine share, once it is told to end.

They read every byte, and look for the beginnings of events alone: at 500 events a second of a kilobyte each,
200 followers hear 100 MB a second, of which a real one reads its own half megabyte.
"""

import asyncio
import signal
import sys
import time
from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import uvloop

REQUEST = b"GET /v1/events HTTP/1.1\r\nHost: bench\r\n\r\n"
_ID, _DATA = b"\nid: ", b"data: "


class Heard:
    """Which events came when, to all followers together."""

    def __init__(self) -> None:
        self.positions, self.moments = array("q"), array("d")

    def take(self, came: bytes, now: float) -> bytes:
        """Note the events that begin in what came; return what has to stand before what comes next."""
        at = came.find(_ID)
        while at >= 0:
            end = came.find(b"\n", at + len(_ID))
            if end < 0 or len(came) <= end + len(_DATA):
                return came[at:]
            if came.startswith(_DATA, end + 1):
                self.positions.append(int(came[at + len(_ID) : end]))
                self.moments.append(now)
            at = came.find(_ID, end)
        return came[1 - len(_ID) :]

    def whole(self) -> bytes:
        """Return all of it: the positions, then the moments."""
        return self.positions.tobytes() + self.moments.tobytes()


class BenchFollower(asyncio.Protocol):
    """One who follows from now on.

    Args:
        heard: notes what comes.

    Attributes:
        began: done when the stream has begun, or was refused: then its result is the first line.
    """

    def __init__(self, heard: Heard) -> None:
        self.began: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._heard = heard
        self._unread = b""
        self._told = b"\n"

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        cast("asyncio.WriteTransport", transport).write(REQUEST)

    def data_received(self, data: bytes) -> None:
        self._unread += data
        if not self.began.done():
            head, found, rest = self._unread.partition(b"\r\n\r\n")
            if not found:
                return
            first = head.partition(b"\r\n")[0].decode(errors="replace")
            self.began.set_result("" if " 200" in first else first)
            self._unread = rest
        body = b"".join(self._chunks())
        if body:
            self._told = self._heard.take(self._told + body, time.monotonic())

    def _chunks(self) -> Iterator[bytes]:
        """Yield the pieces that are there as a whole, and keep the rest."""
        came, at = self._unread, 0
        while (end := came.find(b"\r\n", at)) >= 0:
            size = int(came[at:end], 16)
            if len(came) < end + size + 4:
                break
            yield came[end + 2 : end + 2 + size]
            at = end + size + 4
        self._unread = came[at:]


async def main(port: int, count: int, file: Path) -> None:
    """Follow until SIGTERM."""
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, told.set)
    heard = Heard()
    for _ in range(count):
        _, follower = await loop.create_connection(lambda: BenchFollower(heard), "127.0.0.1", port)
        if refused := await follower.began:
            raise SystemExit(f"frankenjet: bench sse: {refused}")
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    await told.wait()
    file.write_bytes(heard.whole())  # noqa: ASYNC240 - nobody is followed any more


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])))
