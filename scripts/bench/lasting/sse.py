"""sse, sse-idle: how soon 200 followers have each of 500 events a second; what 2,000 cost that wait."""

import asyncio
import sys
import tempfile
import time
from array import array
from pathlib import Path
from typing import Any
from uuid import UUID

from events.base import Meta
from events.codec import CODEC
from kit.auth.keys import ensure_signing_key
from kit.ids import new_id
from read_side.feed.stream import HEARTBEAT_SECONDS, RETRY
from scripts.bench.lasting.followers import REQUEST
from scripts.bench.read import KIND, published, wait_ready
from scripts.bench.rig.databases import own_database
from scripts.bench.rig.memory import kilobytes
from scripts.bench.rig.report import quantile, result
from scripts.bench.rig.servers import process, process_of_product, product
from write_side.log.append import Append, Claim, NewEvent
from write_side.log.appender import Appender
from write_side.main import bus

FOLLOWERS = 200
RATE = 500
ENTRIES = 100
AIM_MS = 100.0
LAST_SECONDS = 3.0
"""In which the last event may still come."""

IDLE = 2_000
AIM_KB = 60.0
_AT_ONCE = 50
_MANY = {"FRANKENJET_CONNECTIONS": "4096", "FRANKENJET_CONNECTIONS_PER_ADDRESS": "16000"}


async def run(server: str) -> list[dict[str, Any]]:
    """Measure both."""
    return [await busy(server), await idle(server)]


async def idle(server: str, *, followers: int = IDLE) -> dict[str, Any]:
    """Open so many streams on which nothing comes, and look at the process before and after."""
    with tempfile.TemporaryDirectory() as name, own_database(server) as dsn:
        folder = Path(name)
        ensure_signing_key(folder / "key.pem")
        async with bus(dsn, CODEC) as running:
            entry = await published(running, "sse-idle", "x")
        with (
            process("-m", "scripts.main", "project", log=folder / "project.log", DATABASE_URL=dsn),
            process_of_product(dsn, folder / "key.pem", folder, **_MANY) as (pid, port),
        ):
            await wait_ready(port, f"/v1/articles/{entry}")
            every = [await opened(port)]  # what is loaded for the first one counts for none
            await asyncio.sleep(1)
            before = kilobytes(pid, "status", "VmRSS:")
            for _ in range(followers // _AT_ONCE):
                every += await asyncio.gather(*(opened(port) for _ in range(_AT_ONCE)))
            await asyncio.sleep(HEARTBEAT_SECONDS + 5)
            each = (kilobytes(pid, "status", "VmRSS:") - before) / (len(every) - 1)
            heard = [await asyncio.wait_for(reader.read(4), 1) for reader, _ in every]
            for _, writer in every:
                writer.transport.abort()
    return result(
        "sse-idle", each, AIM_KB, unit="kB each", inverse=True, peer_name=f"{AIM_KB:.0f} kB",
        followers=len(every) - 1, heard=sum(1 for one in heard if one),
    )  # fmt: skip


async def opened(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Open a stream of events that begins now, and read its beginning."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(REQUEST)
    head = await reader.readuntil(b"\r\n\r\n")
    if head[9:12] != b"200":
        raise SystemExit(f"frankenjet: bench sse: {head.decode(errors='replace').splitlines()[0]}")
    await reader.readuntil(RETRY)
    return reader, writer


async def busy(
    server: str, *, followers: int = FOLLOWERS, rate: int = RATE, seconds: float = 10.0
) -> dict[str, Any]:
    """Publish entries at a constant rate; time when each follower has each event."""
    with tempfile.TemporaryDirectory() as name, own_database(server) as dsn:
        folder = Path(name)
        ensure_signing_key(folder / "key.pem")
        async with bus(dsn, CODEC) as running:
            entries = [await published(running, f"sse-{number}", "x") for number in range(ENTRIES)]
        with product(dsn, folder / "key.pem", folder, per_address=8 * followers) as port:
            await wait_ready(port, f"/v1/articles/{entries[-1]}")
            file = folder / "heard"
            arguments = ("-m", "scripts.bench.lasting.followers", str(port), str(followers), str(file))
            following = await asyncio.create_subprocess_exec(
                sys.executable, *arguments, stdout=asyncio.subprocess.PIPE
            )
            assert following.stdout is not None  # noqa: S101 - it is a pipe
            await following.stdout.readline()
            await asyncio.sleep(1)  # who has just come still asks where now is
            acknowledged = await _publish(dsn, entries, rate, seconds)
            await asyncio.sleep(LAST_SECONDS)
            following.terminate()
            await following.wait()
            heard = _heard(file.read_bytes())
    took = sorted(max(0.0, at - acknowledged[one]) for one, at in heard if one in acknowledged)
    return result(
        "sse", quantile(took, 0.99) or 0.0, AIM_MS, unit="ms (p99)", seconds=took, inverse=True,
        peer_name=f"{AIM_MS:.0f} ms", followers=followers, events=len(acknowledged),
        lost=followers * len(acknowledged) - len(took),
    )  # fmt: skip


def _heard(told: bytes) -> list[tuple[int, float]]:
    """Return which event came when, as the followers have written it."""
    half = len(told) // 2
    positions, moments = array("q", told[:half]), array("d", told[half:])
    return list(zip(positions, moments, strict=True))


async def _publish(dsn: str, entries: list[UUID], rate: int, seconds: float) -> dict[int, float]:
    """Publish at a constant rate, whatever the answers take; return position → when it was told."""
    acknowledged: dict[int, float] = {}
    versions = dict.fromkeys(entries, 3)
    busy = {entry: asyncio.Lock() for entry in entries}
    event = KIND.declared.life.published(revision=1, title="An-2", slug="sse", summary="x", locale="ru")
    stored = CODEC.encode(event)

    async with Appender(dsn, tells=True) as appender, asyncio.TaskGroup() as group:

        async def one(entry: UUID) -> None:
            async with busy[entry]:
                meta = CODEC.encode_meta(Meta(actor=new_id(), command=new_id()))
                new = NewEvent(new_id(), stored, meta)
                done = await appender.append(Append((Claim(entry, versions[entry], (new,)),)))
                acknowledged[done.first] = time.monotonic()
                versions[entry] += 1

        began = time.monotonic()
        for number in range(int(seconds * rate)):
            await asyncio.sleep(max(0.0, began + number / rate - time.monotonic()))
            group.create_task(one(entries[number % len(entries)]))
    return acknowledged
