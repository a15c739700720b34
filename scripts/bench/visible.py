"""visible: from the acknowledgement of a command until a reader can see it, at 200 commands a second."""

import asyncio
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

from events.codec import CODEC
from kit.auth.keys import ensure_signing_key
from kit.ids import new_id
from kit.postgres.connect import READER, connect
from kit.running.ending import end
from projections.builds.fingerprint import fingerprint
from projections.builds.generation import schema_name
from projections.catalog import PROJECTIONS
from read_side.entry.kinds import MODEL
from scripts.bench.read import published, wait_ready
from scripts.bench.rig.databases import own_database
from scripts.bench.rig.report import quantile, result
from scripts.bench.rig.servers import product
from scripts.sample.made_up import changing, terms_said, worded
from scripts.sample.terms import ensure_terms
from write_side.bus import Bus
from write_side.call import Call
from write_side.entry import commands
from write_side.entry.bodies import revise_body
from write_side.entry.kind import EntryKind
from write_side.entry.kinds import AGGREGATES
from write_side.main import bus

KINDS = tuple(AGGREGATES.values())

RATE = 200
ENTRIES = 50
"""Of all kinds in turn."""

BOUNDS = (1, 2, 5, 10, 20, 50, 100, 200, 500)
"""Upper ends of the histogram, in milliseconds."""


async def run(server: str, *, seconds: float = 10.0) -> dict[str, Any]:
    """Send commands at a constant rate beside a running projector; time when the cursor has each of them."""
    with tempfile.TemporaryDirectory() as name, own_database(server) as dsn:
        folder = Path(name)
        ensure_signing_key(folder / "key.pem")
        async with bus(dsn, CODEC) as running:
            await ensure_terms(running, terms_said(one.declared for one in KINDS))
            entries = [await _entry(running, number) for number in range(ENTRIES)]
            with product(dsn, folder / "key.pem", folder) as port:
                await wait_ready(port, f"/v1/{entries[-1].kind.path}/{entries[-1].id}")
                acknowledged: dict[int, float] = {}
                took: list[float] = []
                watching = asyncio.create_task(_watch(dsn, acknowledged, took))
                await _commands(running, entries, seconds, acknowledged)
                await asyncio.sleep(1)
                await end(watching)
    took.sort()
    histogram = {f"<= {bound} ms": sum(1 for one in took if one * 1000 <= bound) for bound in BOUNDS}
    return result(
        "visible", quantile(took, 0.99) or 0.0, 100.0, unit="ms (p99)", seconds=took, inverse=True,
        peer_name="100 ms", kinds=len(KINDS), commands=len(took), lost=len(acknowledged), histogram=histogram,
    )  # fmt: skip


class _Entry(NamedTuple):
    """An entry that commands go to, one after the other."""

    kind: EntryKind
    id: UUID
    busy: asyncio.Lock


async def _entry(running: Bus, number: int) -> _Entry:
    kind = KINDS[number % len(KINDS)]
    return _Entry(kind, await published(running, f"visible-{number}", "x", kind), asyncio.Lock())


async def _commands(
    running: Bus, entries: list[_Entry], seconds: float, acknowledged: dict[int, float]
) -> None:
    """Send at a constant rate, whatever the answers take."""
    versions = dict.fromkeys([entry.id for entry in entries], 3)
    began = time.perf_counter()

    async def one(number: int, entry: _Entry) -> None:
        kind = entry.kind.declared
        async with entry.busy:
            call = Call(actor=new_id(), stream=entry.id, expected=versions[entry.id])
            field = changing(kind)
            change = revise_body(kind)(**{field.name: worded(field, str(number))})
            receipt = await running.run(commands.revise, entry.kind, call, change)
            acknowledged[receipt.position] = time.perf_counter()
            versions[entry.id] += 1

    async with asyncio.TaskGroup() as group:
        for number in range(int(seconds * RATE)):
            await asyncio.sleep(max(0.0, began + number / RATE - time.perf_counter()))
            group.create_task(one(number, entries[number % len(entries)]))


async def _watch(dsn: str, acknowledged: dict[int, float], took: list[float]) -> None:
    """Look at the cursor all the time: a reader who asks now sees everything up to it."""
    connection = await connect(dsn, "bench watch", READER)
    schema = schema_name(MODEL, fingerprint(PROJECTIONS[0]), 1)
    try:
        while True:
            position = await connection.fetchval(
                "select position from project.cursor where schema = $1", schema
            )
            seen = time.perf_counter()
            reached = [one for one in acknowledged if one <= position]
            took += [max(0.0, seen - acknowledged.pop(one)) for one in reached]
            await asyncio.sleep(0.001)
    finally:
        await connection.close()
