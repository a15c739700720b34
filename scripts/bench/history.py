"""history-revise, history-read: what 10,000 revisions cost the next one, and a reader."""

import time
from typing import Any
from uuid import UUID

from events.codec import CODEC
from kit.ids import new_id
from projections.builds.fingerprint import fingerprint
from projections.builds.generation import schema_name
from projections.catalog import PROJECTIONS
from read_side.entry.document import EntryAddress, find
from read_side.entry.kinds import MODEL, VIEWS
from read_side.tables import Tables
from scripts.bench.read import published
from scripts.bench.rig.databases import own_database
from scripts.bench.rig.following import follow_to_end
from scripts.bench.rig.report import result
from write_side.bus import Bus
from write_side.call import Call
from write_side.entry import commands
from write_side.entry.bodies import revise_body
from write_side.entry.kinds import AGGREGATES
from write_side.main import bus

KIND = AGGREGATES["article"]
ReviseArticle = revise_body(KIND.declared)

VIEW = VIEWS["article"]
FEW, MANY = 10, 10_000
REPEATS = 60


async def run(server: str, *, revisions: int = MANY) -> list[dict[str, Any]]:
    """Measure both on one log; the longer history has so many revisions."""
    with own_database(server) as dsn:
        async with bus(dsn, CODEC) as running:
            few, many = await published(running, "few"), await published(running, "many")
            versions = {few: 3, many: 3}
            for id_, wanted in ((few, FEW), (many, revisions)):
                while versions[id_] < wanted:
                    await _revise(running, id_, versions)
        revise = {
            few: await _cold_revisions(dsn, few, versions),
            many: await _cold_revisions(dsn, many, versions),
        }
        await follow_to_end(dsn)
        read = {few: await _reads(dsn, "few"), many: await _reads(dsn, "many")}
    what = f"an article of {FEW} revisions; ours: one of {revisions:,}"
    return [
        result("history-revise", _median(revise[many]), _median(revise[few]), unit="ms", peer_name=what,
               seconds=revise[many], inverse=True),
        result("history-read", _median(read[many]), _median(read[few]), unit="ms", peer_name=what,
               seconds=read[many], inverse=True),
    ]  # fmt: skip


async def _revise(running: Bus, id_: UUID, versions: dict[UUID, int]) -> None:
    call = Call(actor=new_id(), stream=id_, expected=versions[id_])
    await running.run(commands.revise, KIND, call, ReviseArticle(body=f"{versions[id_]}" * 200))
    versions[id_] += 1


async def _cold_revisions(dsn: str, id_: UUID, versions: dict[UUID, int]) -> list[float]:
    """Return the seconds of revisions of an article that is not in the memory of the process."""
    took = []
    async with bus(dsn, CODEC) as running:
        for _ in range(REPEATS):
            running.forget()
            began = time.perf_counter()
            await _revise(running, id_, versions)
            took.append(time.perf_counter() - began)
    return took[REPEATS // 10 :]


async def _reads(dsn: str, slug: str) -> list[float]:
    """Return the seconds of reads of the published document from its tables."""
    schema = schema_name(MODEL, fingerprint(PROJECTIONS[0]), 1)
    address = EntryAddress(None, slug)
    took = []
    async with Tables(dsn, 2) as tables:
        for _ in range(REPEATS * 5):
            began = time.perf_counter()
            found = await find(tables, VIEW, schema, address)
            took.append(time.perf_counter() - began)
            if found.answer is None:
                raise RuntimeError(f"{slug} cannot be read")
    return took[REPEATS:]


def _median(seconds: list[float]) -> float:
    return sorted(seconds)[len(seconds) // 2] * 1000
