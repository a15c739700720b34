"""A full disk of the database, and then room again: nothing acknowledged is lost, none of ours restarts."""

import asyncio
import os
import re
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import NamedTuple

import asyncpg
import httpx2
import pytest
import pytest_asyncio

from kit.postgres.connect import Connection
from projections.catalog import PROJECTIONS
from scripts.models.verify import verify
from tests.adversaries.acknowledged import Writer, stored
from tests.adversaries.truth import arrived, schema_of
from tests.faults.models.test_parked import published
from tests.projections.driving import projector
from tests.servers.nodes.postgres_node import Node, own_postgres
from tests.servers.nodes.small_disk import Disk, small_disk
from tests.servers.processes import free_port, processes
from tests.servers.running import Editor, Site, forget, settings_for, tokens_for

ARTICLE = PROJECTIONS[0]

LARGE, SMALL = 100_000, 100
"""Bytes of an article that fills a disk, and of one that may still find a gap."""

PATIENCE = 8.0
RECOVERY = 30.0

REFUSED = re.compile(r"No space left on device\n(?:.*\n)*?.* STATEMENT:  .*\"read_entries_")
"""What PostgreSQL writes when it has no room for rows of the read model."""

WAL_LEFT = """
select (1 + count(*) filter (where w.name > here.file_name))
       * pg_size_bytes(current_setting('wal_segment_size')) - here.file_offset
  from pg_walfile_name_offset(pg_current_wal_insert_lsn()) here, pg_ls_waldir() w
 group by here.file_name, here.file_offset"""

PARK = "insert into project.parked (schema, stream, position, error) values ($1, gen_random_uuid(), 1, '')"

pytestmark = pytest.mark.asyncio(loop_scope="module")


class Machine(NamedTuple):
    """A server with its data on one small disk and its write-ahead log on another, and what runs over it."""

    node: Node
    data: Disk
    wal: Disk
    site: Site
    projecting: int
    """The process that projects."""
    health: str
    """Where it says how it is."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def machine() -> AsyncIterator[Machine]:
    """Both tests have the same processes, since none of them should have to be started again.

    They write their output to the disk of the data.
    """
    with small_disk(96) as data, small_disk(64) as wal, own_postgres(data.folder) as node:
        node.keep_wal_in(wal.folder)
        dsn, port = node.server.dsn, free_port()
        settings = settings_for(dsn, data.folder)
        tokens = await tokens_for(settings, dsn)
        with processes(settings, data.folder, FRANKENJET_PROJECTOR_PORT=str(port)) as running:
            projecting = running.start("project").pid
            running.start("serve")
            await running.ready()
            async with httpx2.AsyncClient(base_url=running.url, timeout=10) as client:
                editor, moderator = (Editor(client, tokens[role]) for role in ("editor", "moderator"))
                site = Site(client, editor, moderator, dsn)
                yield Machine(node, data, wal, site, projecting, f"http://127.0.0.1:{port}")
        await forget(settings)


async def asked(site: Site, one: str) -> dict[str, tuple[int, bytes]]:
    """Ask for what readers and editors see of an article; return status and body of each answer.

    With `after` no copy is asked, but the tables.
    """
    public = [one, f"{one}?after=1", "/articles", "/articles?sort=title&after=1"]
    editors = [f"{one}/revisions", f"{one}/draft"]
    answers = await asyncio.gather(
        *(site.client.get(f"/v1{place}") for place in public),
        *(site.editor.send("GET", place) for place in editors),
    )
    return {
        place: (answer.status_code, answer.content)
        for place, answer in zip(public + editors, answers, strict=True)
    }


async def status(site: Site, place: str) -> int:
    return (await site.client.get(place)).status_code


async def leave_a_gap_in_the_park(dsn: str) -> None:
    """Let the park have a page with room, so that only the will to park somebody could be lacking."""
    async with projector(dsn) as connection:
        putting = connection.transaction()
        await putting.start()
        await connection.execute(PARK, await schema_of(connection, ARTICLE))
        await putting.rollback()


@contextmanager
def standing_still(pid: int) -> Iterator[None]:
    """Stop a process for a while."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


async def led_by(connection: Connection, pid: int) -> bool:
    """Tell whether one process leads the read model, the forwarder and the notary."""
    found = await connection.fetch(
        "select name from project.lease where split_part(holder, ':', 2) = $1 and until > clock_timestamp()",
        str(pid),
    )
    wanted = {"forwarder", "notary", await schema_of(connection, ARTICLE)}
    return wanted <= {row["name"] for row in found}


async def counted(site: Site, code: int) -> int:
    """Return how many commands the process itself has counted that it answered so."""
    figures = (await site.client.get("/metrics")).text
    found = re.search(rf'requests_total{{method="POST",route="/v1/articles",status="{code}"}} (\d+)', figures)
    return 0 if found is None else int(found[1])


async def comes_back(machine: Machine, writer: Writer) -> None:
    """Fail unless all is as if there had always been room, soon and with the processes that ran before."""
    node, _, _, site, projecting, _ = machine
    dsn = node.server.dsn
    assert writer.acknowledged().items() <= (await stored(dsn, writer)).items()
    async with asyncio.timeout(RECOVERY):
        while 200 != await status(site, "/readyz") or [201] != await writer.write(SMALL):
            pass
        async with projector(dsn) as connection:
            while not await led_by(connection, projecting):  # noqa: ASYNC110 - other processes do it
                await asyncio.sleep(0.05)
    for key in [*writer.refused, *writer.receipts]:
        assert 201 == await writer.send(key), "what was refused is taken, what was taken has its receipt"
    async with projector(dsn) as connection:
        await arrived(connection, PROJECTIONS)
        assert 0 == await connection.fetchval("select count(*) from project.parked")
    assert writer.acknowledged() == await stored(dsn, writer)
    assert writer.slowest < PATIENCE


async def test_on_a_full_disk_commands_are_refused_at_once_and_readers_notice_nothing(
    machine: Machine,
) -> None:
    node, disk, _, site, projecting, health = machine
    dsn = node.server.dsn
    writer = Writer(site.editor, "data")
    one = await published(site, "here")
    before = await asked(site, one)
    assert {200} == {code for code, _ in before.values()}
    await leave_a_gap_in_the_park(dsn)
    with standing_still(projecting):  # so that it wakes up with more to write than there is room for
        disk.fill(leave=3_000_000)
        async with asyncio.timeout(RECOVERY):
            while {201} == set(await writer.write(LARGE, LARGE, SMALL)):
                pass
        disk.fill()
    said = node.server.log.stat().st_size
    answered: list[int] = []
    async with projector(dsn) as connection:
        async with asyncio.timeout(RECOVERY):
            while (
                [507] * 4 != answered[-4:]  # until then small ones find gaps
                or not REFUSED.search(_since(node, said))
                or 200 == await status(site, "/readyz")
            ):
                answered += await writer.write(LARGE, SMALL, SMALL, SMALL)
                assert before == await asked(site, one)
                await asyncio.sleep(0.05)
                assert (200, 200) == (await status(site, "/livez"), await status(site, f"{health}/livez"))
        assert {201, 507} >= set(answered)
        assert {507} == set(writer.refused.values())
        assert 0 == await connection.fetchval("select count(*) from project.parked")
    assert writer.acknowledged() == await stored(dsn, writer), "what has no room is not stored"
    refused = await counted(site, 507)
    assert refused >= len(writer.refused)

    disk.make_room()
    await comes_back(machine, writer)
    assert refused <= await counted(site, 507), "it is the process that refused"


async def test_a_server_that_cannot_write_ahead_goes_down_and_comes_back_with_all_that_was_acknowledged(
    machine: Machine,
) -> None:
    node, _, disk, site, _, health = machine
    one = await published(site, "also-here")
    disk.fill()
    owner = await asyncpg.connect(node.server.dsn)
    while await owner.fetchval(WAL_LEFT) > 3_000_000:
        await owner.execute("select pg_logical_emit_message(false, 'test', repeat('x', 1000000))")
    await owner.close()
    writer = Writer(site.editor, "wal")
    async with asyncio.timeout(RECOVERY):
        while node.server.alive():
            await writer.write(LARGE, SMALL)
        while 200 == await status(site, "/readyz"):
            pass
    assert [503, 503] == await writer.write(LARGE, SMALL)
    assert {503} == {code for code, _ in (await asked(site, one)).values()}
    for place, expected in (("/readyz", 503), ("/livez", 200), (f"{health}/livez", 200)):
        assert expected == await status(site, place)
    assert {503} == set(writer.refused.values())
    assert writer.receipts

    disk.make_room()
    await asyncio.to_thread(node.start)  # as an operator or `frankenjet up` does: it has given up
    await comes_back(machine, writer)
    assert 0 == await verify(node.server.dsn, as_json=True)


def _since(node: Node, at: int) -> str:
    """Return what a server has said since its log was so long."""
    return node.server.log.read_bytes()[at:].decode()
