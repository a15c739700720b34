"""Followers of the stream in a process of their own, which take nothing from what they measure.

`python -m scripts.bench.lasting.followers PORT COUNT FILE`: into the file go positions and moments of a clock
that all processes of a machine share, once it is told to end.
"""

import asyncio
import re
import signal
import sys
import time
from array import array
from pathlib import Path

import uvloop

_ID = re.compile(rb"(?:^|\n)id: (\d+)\ndata: ")

LONGEST = 64
"""Bytes that are kept of what came last: an id may be cut in two."""


async def opened(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Open a stream of events that begins now."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**20)
    writer.write(b"GET /v1/events HTTP/1.1\r\nHost: bench\r\n\r\n")
    head = await reader.readuntil(b"\r\n\r\n")
    if head[9:12] != b"200":
        raise SystemExit(f"frankenjet: bench sse: {head.decode(errors='replace').splitlines()[0]}")
    await reader.readuntil(b"retry: 2000\n\n")
    return reader, writer


async def _listen(reader: asyncio.StreamReader, positions: array[int], moments: array[float]) -> None:
    """Note when each event came."""
    rest = b""
    while came := await reader.read(2**18):
        now = time.monotonic()
        rest += came
        last = 0
        for found in _ID.finditer(rest):
            positions.append(int(found[1]))
            moments.append(now)
            last = found.end()
        rest = rest[max(last, len(rest) - LONGEST) :]


async def main(port: int, count: int, file: Path) -> None:
    """Follow until SIGTERM."""
    told = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, told.set)
    positions, moments = array("q"), array("d")
    every = [await opened(port) for _ in range(count)]
    listening = [asyncio.create_task(_listen(reader, positions, moments)) for reader, _ in every]
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    await told.wait()
    for one in listening:
        one.cancel()
    file.write_bytes(positions.tobytes() + moments.tobytes())  # noqa: ASYNC240 - nobody is followed any more


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])))
