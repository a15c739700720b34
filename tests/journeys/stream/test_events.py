"""Who follows the event stream gets each event once and in order, however often the connection is cut."""

import asyncio
import random
import signal
import time
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from kit.postgres.connect import connect
from tests.given.lives import Written, claims, random_lives
from tests.journeys.stream.following import Aircraft, told_by
from tests.journeys.stream.sse import Sse, opened
from tests.servers.beside import beside
from tests.servers.running import Site, as_processes
from write_side.log.appender import Appender

PER_SECOND = 200


def bearer(headers: dict[str, str]) -> str:
    return f"Authorization: {headers['Authorization']}"


async def written(dsn: str, lives: list[Written]) -> None:
    """Put events into the log, so many each second."""
    began = time.monotonic()
    async with Appender(dsn, tells=True) as appender:
        for number, append in enumerate(claims(lives), 1):
            await appender.append(append)
            await asyncio.sleep(began + number / PER_SECOND - time.monotonic())


async def cut_and_resumed(
    port: int, last: int, expected: int, cuts: int, *headers: str
) -> tuple[list[int], list[Any]]:
    """Follow up to a position, cut at random so often; return the ids and the documents that came.

    Args:
        port: of the server.
        last: position of the last event that is waited for.
        expected: events up to there.
        cuts: of the connection.
        headers: of each request.
    """
    chance = random.Random(cuts)  # noqa: S311 - repeatable, not secret
    ids: list[int] = []
    documents: list[Any] = []
    query, done = "?after=0", 0
    while not ids or ids[-1] < last:
        resumed = [f"Last-Event-ID: {ids[-1]}"] if ids else []
        async with opened(port, query, *headers, *resumed) as stream:
            before = len(ids)
            most = chance.randint(0, expected // cuts) if done < cuts else last
            while len(ids) - before <= most and (not ids or ids[-1] < last):
                async with asyncio.timeout(20):
                    one = await stream.hear()
                assert one is not None, stream.head
                if one.name == "message":
                    ids.append(int(one.id))
                    documents.append(one.data)
            stream.cut()
        done += 1
    assert done >= cuts
    return ids, documents


@pytest.mark.parametrize("cuts", [12, pytest.param(500, marks=pytest.mark.prove)])
async def test_a_stream_that_is_cut_and_resumed_has_no_hole_and_no_repeat(
    database: str, tmp_path: Path, cuts: int
) -> None:
    lives = random_lives(77, articles=20, steps=max(900, 12 * cuts))
    last = len(lives)
    shown = [at for at, (_, _, event) in enumerate(lives, 1) if event.TYPE == "article.published"]
    async with as_processes(database, tmp_path) as (running, site), beside(written(database, lives)):
        every, anybody = await asyncio.gather(
            cut_and_resumed(running.port, last, last, cuts, bearer(site.editor.headers)),
            cut_and_resumed(running.port, max(shown), len(shown), cuts),
        )
    assert [*range(1, last + 1)] == every[0]
    assert [*range(1, len(anybody[1]) + 1)] == [one["sequence"] for one in anybody[1]]
    assert [0, *anybody[0][:-1]] == [one["previous"] for one in anybody[1]]
    public = [one["position"] for one in every[1] if "sequence" in one and one["position"] <= max(shown)]
    assert public == anybody[0]


async def test_replay_joins_what_comes_and_filters_choose(database: str, tmp_path: Path) -> None:
    async with as_processes(database, tmp_path) as (running, site):
        plane = Aircraft(site)
        await plane.show()
        async with (
            opened(running.port, "?after=0") as stream,
            opened(running.port, "?after=0&type=aircraft.renamed") as renamed,
            AsyncExitStack() as later,
        ):
            assert b"text/event-stream" in stream.head
            first = (await stream.events(1))[0]
            now = await later.enter_async_context(opened(running.port))
            await plane.step("PUT", "slug", {"slug": "tu-144-d"})
            second = (await stream.events(1))[0]
            assert ["aircraft.published", "aircraft.renamed"] == [first.data["type"], second.data["type"]]
            assert str(second.data["position"]) == second.id
            assert [second] == await now.events(1)
            assert [second] == await renamed.events(1)
            pages = await told_by(site.client, plane.position)
            assert [first.data, second.data] == pages


async def test_a_stop_ends_every_stream_at_once_and_a_follower_goes_on_after_it(
    database: str, tmp_path: Path
) -> None:
    async with as_processes(database, tmp_path) as (running, site):
        plane = Aircraft(site)
        await plane.show()
        async with opened(running.port, "?after=0") as stream:
            first = (await stream.events(1))[0]
            began = time.monotonic()
            running.kill("serve", signal.SIGTERM)
            assert [] == await stream.events(1)
            assert time.monotonic() - began < 15
        running.start("serve")
        await running.ready()
        await plane.step("PUT", "slug", {"slug": "tu-144-d"})
        async with opened(running.port, "?after=0", f"Last-Event-ID: {first.id}") as again:
            assert ["aircraft.renamed"] == [one.data["type"] for one in await again.events(1)]


async def test_an_insider_who_is_one_no_more_is_told_nothing_more(database: str, tmp_path: Path) -> None:
    async with as_processes(database, tmp_path) as (running, site):
        plane = Aircraft(site)
        await plane.show()
        async with opened(running.port, "?after=0", bearer(site.editor.headers)) as stream:
            told = await stream.events(plane.position)
            assert plane.position == int(told[-1].id)
            owner = await connect(database, "test")
            await owner.execute(
                "update auth.session set revoked_at = clock_timestamp() where account = ("
                " select account from auth.account_role where role = 'editor')"
            )
            await owner.close()
            await asyncio.sleep(1.1)
            await published(site, plane)
            async with asyncio.timeout(5):
                assert [] == await heard_after_cut(stream)


async def published(site: Site, plane: Aircraft) -> None:
    await plane.step("PUT", "slug", {"slug": "tu-144-d"})
    await told_by(site.client, plane.position)


async def heard_after_cut(stream: Sse) -> list[Any]:
    """Return what is still told before the stream is cut."""
    found = []
    while (one := await stream.hear()) is not None:
        if one.name == "message":
            found.append(one)
    return found


async def test_who_reads_slowly_beside_others_misses_nothing_and_holds_nobody_up(
    database: str, tmp_path: Path
) -> None:
    lives = random_lives(78, articles=40, steps=1_500)
    last = len(lives)
    async with as_processes(database, tmp_path) as (running, site):
        who = bearer(site.editor.headers)
        async with (
            opened(running.port, "?after=0", who, window=4_096) as slow,
            opened(running.port, "?after=0", who) as quick,
        ):
            assert b" 200 " in slow.head
            async with beside(written(database, lives)):
                ids = [int(one.id) for one in await quick.events(last)]
                assert [*range(1, last + 1)] == ids
            heard = await read_to(slow, last)
        while not heard or heard[-1] < last:  # it was cut: the machine took longer than a client may
            resumed = [f"Last-Event-ID: {heard[-1]}"] if heard else []
            async with opened(running.port, "?after=0", who, *resumed) as stream:
                heard += await read_to(stream, last)
    assert [*range(1, last + 1)] == heard


async def read_to(stream: Sse, last: int) -> list[int]:
    """Return the ids that come, up to a position or to the end of the stream."""
    ids: list[int] = []
    while (not ids or ids[-1] < last) and (one := await stream.hear()) is not None:
        if one.name == "message":
            ids.append(int(one.id))
    return ids
