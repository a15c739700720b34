"""cost-…: what the whole of one machine costs: processor, memory, disk, connections; PostgreSQL included."""

import asyncio
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import httpx2
from redis.asyncio import Redis

from kit.embedded.postgres import Postgres
from kit.embedded.state import open_state
from kit.embedded.valkey import Valkey
from kit.postgres.connect import Connection, connect
from scripts.bench.rig.cost_texts import Texts
from scripts.bench.rig.report import result
from scripts.bench.rig.site import NOT_OURS, Site, environment, folder, up
from scripts.bench.rig.usage import between

PEERS = {
    "cost-idle": 0.5, "cost-read": 3.5, "cost-save": 20.0, "cost-savers-16": 20.0,
    "cost-revision-bytes": 6_600.0, "cost-memory": 213.0, "cost-connections": 12.0, "cost-start": 0.9,
}  # fmt: skip
"""The best of three content systems, as measured once on a machine of two cores; of connections: the aim."""

SETTLE = 3.0
"""Seconds after which nothing is left of what was done before."""

ARTICLES, SAVES, SAVERS = 300, 200, 16
ROUNDS = 4
A_SECOND = 20
"""Saves of the single editor in a second: a rate at which nothing of his is shared with another."""


async def run(_server: str) -> list[dict[str, Any]]:
    """Measure a site of its own in a folder of its own, one cost after the other."""
    with folder() as state:
        with up(state):
            pass  # the first start makes what the next ones find
        with up(state) as site, Postgres(open_state(state, make=False)) as server:
            await asyncio.sleep(SETTLE)
            found = [_figures("cost-start", sum(site.start.values()), "s", site.start)]
            began = site.watched.seconds()
            await asyncio.sleep(10)
            idle = {part: used / 10 for part, used in between(began, site.watched.seconds()).items()}
            found.append(_figures("cost-idle", sum(idle.values()) * 1000, "ms/s", idle, scale=1000))
            async with _editors(site) as editors:
                found += await _under_load(site, server.dsn, editors, idle)
            return found


async def _under_load(
    site: Site, dsn: str, editors: "Editors", idle: Mapping[str, float]
) -> list[dict[str, Any]]:
    connection = await connect(dsn, "bench cost")
    try:
        ids = [await editors.publish(number) for number in range(ARTICLES)]
        await asyncio.sleep(SETTLE)
        found = [
            await _each(site, "cost-read", idle, ARTICLES * ROUNDS, _cold(site, editors, ids)),
            await _each(site, "cost-save", idle, SAVES, editors.save(ids[:1], SAVES, every=1 / A_SECOND)),
            await _each(
                site, "cost-savers-16", idle, SAVES * 5, editors.save(ids[1 : SAVERS + 1], SAVES * 5)
            ),
        ]
        size = await _bytes(connection)
        await editors.save(ids[:1], SAVES)
        await asyncio.sleep(SETTLE)
        found.append(_figures("cost-revision-bytes", (await _bytes(connection) - size) / SAVES, "bytes", {}))
        memory = {part: used for part, used in site.watched.megabytes().items() if part not in NOT_OURS}
        found.append(_figures("cost-memory", sum(memory.values()), "MB", memory))
        clients = await connection.fetchval(
            "select count(*) - 1 from pg_stat_activity where backend_type = 'client backend'"
        )
        found.append(_figures("cost-connections", clients, "connections", {}))
        return found
    finally:
        await connection.close()


async def _cold(site: Site, editors: "Editors", ids: list[UUID]) -> None:
    """Read every article some times, each time from its tables: nothing is in the cache."""
    async with Redis.from_url(Valkey(open_state(site.state, make=False)).start()) as redis:
        for _ in range(ROUNDS):
            await redis.flushdb()
            await editors.read(ids)


async def _each(site: Site, name: str, idle: Mapping[str, float], count: int, work: Any) -> dict[str, Any]:
    """Return what one of many costs, without what idling costs all the while."""
    before, began = site.watched.seconds(), time.monotonic()
    await work
    await asyncio.sleep(0.5)
    took = time.monotonic() - began
    used = between(before, site.watched.seconds())
    parts = {part: (seconds - idle.get(part, 0.0) * took) / count for part, seconds in used.items()}
    return _figures(name, sum(parts.values()) * 1000, "ms", parts, scale=1000)


async def _bytes(connection: Connection) -> int:
    return int(
        await connection.fetchval(
            "select sum(pg_total_relation_size(oid)) from pg_class where relkind = 'r' and relnamespace in"
            " (select oid from pg_namespace where nspname !~ '^pg_' and nspname <> 'information_schema')"
        )
    )


def _figures(
    name: str, ours: float, unit: str, parts: Mapping[str, float], *, scale: float = 1.0
) -> dict[str, Any]:
    return result(
        name, ours, PEERS[name], unit=unit, inverse=True,
        peer_name="the best of three content systems, as measured once",
        parts={part: round(value * scale, 3) for part, value in sorted(parts.items()) if value},
    )  # fmt: skip


class Editors:
    """Editors and readers of a site, over HTTP."""

    def __init__(self, client: httpx2.AsyncClient, token: str) -> None:
        self._client = client
        self._headers = {"Authorization": f"Bearer {token}"}
        self._texts = Texts()
        self._versions: dict[UUID, int] = {}
        self._numbers: dict[UUID, int] = {}

    async def publish(self, number: int) -> UUID:
        """Publish an article of 8 kB; return its id."""
        body = {
            "locale": "ru", "title": f"Cost {number}", "slug": f"cost-{number}", "summary": "Для измерения",
            "body": self._texts.first(number), "sources": [{"title": "Книга"}], "category": "aircraft",
        }  # fmt: skip
        made = (await self._send("POST", "/v1/articles", 0, body)).json()
        place = f"/v1/articles/{made['id']}"
        await self._send("PUT", f"{place}/submission", 1)
        await self._send("PUT", f"{place}/publication", 2, {"revision": 1})
        id_ = UUID(made["id"])
        self._versions[id_], self._numbers[id_] = 3, number
        return id_

    async def read(self, ids: list[UUID]) -> None:
        """Read articles one after the other, not from memory."""
        for id_ in ids:
            answer = await self._client.get(f"/v1/articles/{id_}", params={"after": 1})
            answer.raise_for_status()

    async def save(self, ids: list[UUID], count: int, *, every: float = 0.0) -> None:
        """Save each article again and again, so many times altogether; one editor an article."""

        async def one(id_: UUID) -> None:
            began = time.monotonic()
            for turn in range(count // len(ids)):
                await asyncio.sleep(max(0.0, began + turn * every - time.monotonic()))
                version = self._versions[id_]
                body = {"body": self._texts.changed(self._numbers[id_]), "reason": "A correction"}
                await self._send("PATCH", f"/v1/articles/{id_}", version, body)
                self._versions[id_] = version + 1

        await asyncio.gather(*map(one, ids))

    async def _send(self, method: str, path: str, version: int, body: Any = None) -> httpx2.Response:
        condition = {"If-Match": f'"v{version}"'} if version else {}
        answer = await self._client.request(method, path, headers=self._headers | condition, json=body)
        answer.raise_for_status()
        return answer


@asynccontextmanager
async def _editors(site: Site) -> AsyncIterator[Editors]:
    said = subprocess.run(  # noqa: S603, ASYNC221 - our own program, before anything is measured
        [sys.executable, "-m", "scripts.main", "token", "--account", "bench", "--role", "moderator",
         "--state", str(site.state)],
        env=environment(), capture_output=True, text=True, check=True,
    )  # fmt: skip
    async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{site.port}") as client:
        yield Editors(client, said.stdout.strip())
