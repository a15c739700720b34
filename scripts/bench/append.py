"""append-64, append-1, append-unordered: grouped appends against the library and plain inserts."""

import asyncio
import threading
import time
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

from eventsourcing.persistence import StoredEvent
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore

from events.base import Meta
from events.codec import CODEC, Stored
from kit.ids import named_id, new_id
from kit.postgres.connect import connect
from scripts.bench.rig.databases import own_database
from scripts.bench.rig.report import result
from write_side.log.append import Append, Claim, CommandKey, NewEvent
from write_side.log.appender import Appender

PAYLOAD = b'{"body":"' + b"x" * 1_000 + b'"}'
RECEIPT = (
    b'{"id":"01a206da-3fe6-72df-bb7c-bcd9e1fe7f0c","slug":"tu-144","locale":"ru","revision":12,"version":12}'
)
ROUNDS = 3
"""Each side is measured this often, taking turns; the median counts."""


async def ours(dsn: str, writers: int, seconds: float, *, fresh: bool = False) -> tuple[float, list[float]]:
    """Return (appends/s, latencies) of writers that append one event with metadata and a key at a time.

    Args:
        dsn: address of the database.
        writers: so many at the same time.
        seconds: how long.
        fresh: each event begins a stream, at a random place of the index; else each writer has one stream.
    """
    latencies: list[float] = []
    meta = CODEC.encode_meta(Meta(actor=new_id(), command=new_id(), reason="A correction"))
    async with Appender(dsn) as appender:

        async def writer() -> None:
            stream, version = new_id(), 0
            while (began := time.perf_counter()) < end:
                event = NewEvent(new_id(), Stored("bench.appended", 1, PAYLOAD), meta)
                key = CommandKey(new_id(), new_id(), RECEIPT)
                await appender.append(Append((Claim(stream, version, (event,)),), key))
                if fresh:
                    stream = named_id("bench", str(stream))
                else:
                    version += 1
                latencies.append(time.perf_counter() - began)

        end = time.perf_counter() + 0.3
        await writer()  # the connection, the plans
        latencies.clear()
        started = time.perf_counter()
        end = started + seconds
        await asyncio.gather(*(writer() for _ in range(writers)))
        return len(latencies) / (time.perf_counter() - started), latencies


def library(dsn: str, threads: int, seconds: float) -> float:
    """Return appends/s of the library's recorder in its default mode: one such event at a time."""
    address = urlsplit(dsn)
    datastore = PostgresDatastore(
        dbname=address.path[1:],
        host=parse_qs(address.query).get("host", [address.hostname or ""])[0],
        port=str(address.port or 5432),
        user=address.username or "",
        password=address.password or "",
        pool_size=threads,
        max_overflow=threads,
    )
    counted = [0] * threads
    try:
        recorder = PostgresApplicationRecorder(datastore, events_table_name="library_events")
        recorder.create_table()

        def writer(number: int) -> None:
            stream, version = UUID(bytes=new_id().bytes), 0
            while time.perf_counter() < end:
                recorder.insert_events([StoredEvent(stream, version, "bench.appended", PAYLOAD)])
                version += 1
                counted[number] += 1

        started = time.perf_counter()
        end = started + seconds
        running = [threading.Thread(target=writer, args=(number,)) for number in range(threads)]
        for thread in running:
            thread.start()
        for thread in running:
            thread.join()
        return sum(counted) / (time.perf_counter() - started)
    finally:
        datastore.close()


async def unordered(dsn: str, connections: int, seconds: float) -> float:
    """Return inserts/s of such a row per transaction over many connections, without lock and order."""
    opened = [await connect(dsn, "bench unordered") for _ in range(connections)]
    await opened[0].execute(
        "create table if not exists plain (position bigserial primary key, stream uuid not null,"
        " version bigint not null, id uuid not null, schema smallint not null, type text not null,"
        " recorded_at timestamptz not null default clock_timestamp(), meta bytea not null,"
        " payload bytea not null, unique (stream, version))"
    )
    meta = CODEC.encode_meta(Meta(actor=new_id(), command=new_id(), reason="A correction"))
    sql = (
        "insert into plain (stream, version, id, schema, type, meta, payload)"
        " values ($1, $2, $3, 1::smallint, 'bench.appended', $4, $5)"
    )
    counted = 0

    async def writer(connection: Any) -> None:
        nonlocal counted
        statement = await connection.prepare(sql)
        stream, version = new_id(), 0
        while time.perf_counter() < end:
            version += 1
            await statement.fetch(stream, version, new_id(), meta, PAYLOAD)
            counted += 1

    started = time.perf_counter()
    end = started + seconds
    await asyncio.gather(*(writer(connection) for connection in opened))
    rate = counted / (time.perf_counter() - started)
    for connection in opened:
        await connection.close()
    return rate


async def run(server: str, *, seconds: float = 3.0) -> list[dict[str, Any]]:
    """Measure in turns and return the three results."""
    found: dict[str, list[float]] = {name: [] for name in ("64", "1", "16 threads", "1 thread", "plain")}
    latencies: dict[str, list[float]] = {"64": [], "1": []}
    with own_database(server) as dsn:
        for _ in range(ROUNDS):
            for writers in (64, 1):
                rate, took = await ours(dsn, writers, seconds)
                found[str(writers)].append(rate)
                latencies[str(writers)] += took
            found["16 threads"].append(await asyncio.to_thread(library, dsn, 16, seconds))
            found["1 thread"].append(await asyncio.to_thread(library, dsn, 1, seconds))
            found["plain"].append(await unordered(dsn, 32, seconds))
    median = {name: sorted(rates)[len(rates) // 2] for name, rates in found.items()}
    library_name = "eventsourcing PostgresApplicationRecorder, default mode, {}"
    plain_name = "32 asyncpg connections, one row per transaction, unordered"
    return [
        result(name, median[mine], median[peer], unit="appends/s", peer_name=against, seconds=latencies[mine])
        for name, mine, peer, against in (
            ("append-64", "64", "16 threads", library_name.format("16 threads")),
            ("append-1", "1", "1 thread", library_name.format("1 thread")),
            ("append-unordered", "64", "plain", plain_name),
        )
    ]
