"""Serves the small application as the product serves its own: `python -m tests.kit.http.served PORT …`."""

import argparse
import asyncio
import signal

import uvloop

from kit.http.edge.serving import Listening, door_at, serve
from kit.logging import adopt_libraries, configure
from tests.kit.http.application import edge, streams


async def main() -> None:
    """Serve until SIGTERM."""
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("--head-seconds", type=float, default=2.0)
    parser.add_argument("--connections", type=int, default=2048)
    parser.add_argument("--per-address", type=int, default=2048)
    parser.add_argument("--still", type=float, default=30.0)
    given = parser.parse_args()
    configure("info", "json")
    adopt_libraries()
    told = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, told.set)
    await serve(
        [Listening(edge, door_at("127.0.0.1", given.port))],
        told,
        connections=given.connections,
        per_address=given.per_address,
        grace=1,
        ending=streams.end,
        head_seconds=given.head_seconds,
        still=given.still,
    )


if __name__ == "__main__":
    uvloop.run(main())
