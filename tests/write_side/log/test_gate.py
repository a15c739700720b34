"""The start-up gate: a sound log is let through, and everything else is refused with how to mend it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest

import migrations
from events.codec import CODEC, Codec, Stored
from kit.errors import Refused
from kit.ids import new_id
from kit.postgres.connect import PROJECTOR, connect
from projections.notary.notary import ChainRunner
from tests.given.lives import random_lives, store, store_raw
from tests.servers.databases import fresh_database
from tests.write_side.log.given import value
from tests.write_side.log.test_adversary import sabotaged
from write_side.log.gate import check

NOTIFICATION = b"A"
"""First byte of such a message of the server."""

SQL = Path(migrations.__file__).parent / "sql" / "append_v1.sql"


async def change(dsn: str, *statements: str) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        for sql in statements:
            await connection.execute(sql)
    finally:
        await connection.close()


async def seal(dsn: str) -> None:
    connection = await connect(dsn, "test", PROJECTOR)
    try:
        chain = await ChainRunner.resumed(connection)
        while await chain.step():
            pass
        await chain.seal_now()
    finally:
        await connection.close()


async def reasons(dsn: str, codec: Codec = CODEC) -> list[str]:
    """Return why the gate refuses; it must have a reason."""
    with pytest.raises(Refused) as refused:
        await check(dsn, codec)
    assert str(refused.value) == "\n".join(refused.value.lines)
    return refused.value.lines


async def test_a_sound_log_may_be_written_to(database: str) -> None:
    await check(database, CODEC)
    await store(database, random_lives(1, articles=2, steps=20))
    await check(database, CODEC)
    await seal(database)
    await check(database, CODEC)


@pytest.mark.parametrize("value", ["off", "local", "remote_write"])
async def test_commits_that_are_not_durable_are_refused(database: str, value: str) -> None:
    name = urlsplit(database).path[1:]
    await change(database, f'alter database "{name}" set synchronous_commit = {value}')
    (line,) = await reasons(database)
    assert line.startswith(f"synchronous_commit is {value}")


async def test_a_changed_append_function_is_refused(database: str) -> None:
    await change(database, sabotaged(SQL.read_text()))
    changed, _ = await reasons(database)
    assert "log.append is not the one" in changed


@pytest.mark.parametrize(
    "changed",
    [
        "security invoker",
        "stable",
        "set work_mem = '1GB'",
    ],
)
async def test_an_append_function_that_runs_in_another_way_is_refused(database: str, changed: str) -> None:
    await change(
        database,
        "do $$ begin execute format('alter function %s " + changed.replace("'", "''") + "',"
        " 'log.append'::regproc::oid::regprocedure); end $$",
    )
    (line,) = await reasons(database)
    assert "log.append is not the one" in line


async def test_a_second_append_function_is_refused(database: str) -> None:
    sound = "set search_path = pg_catalog, pg_temp"
    await change(database, f"create function log.append(int) returns int language sql {sound} as 'select 1'")
    assert 1 == len(await reasons(database))


@pytest.mark.parametrize("sealed", [False, True])
async def test_a_log_that_this_build_cannot_read_is_refused(database: str, *, sealed: bool) -> None:
    await store(database, random_lives(2, articles=1, steps=3))
    await store_raw(database, new_id(), 0, Stored("museum.opened", 1, b"{}"))
    await store_raw(database, new_id(), 0, Stored("article.created", 9, b"{}"))
    if sealed:
        await seal(database)
    opened, created = await reasons(database)
    head = await value(database, "select max(position) from log.event")
    assert f"museum.opened of schema 1 (first at {head - 1})" in opened
    assert f"article.created of schema 9 (first at {head})" in created


async def test_an_old_schema_that_has_an_upcaster_is_let_through(database: str) -> None:
    await store_raw(database, new_id(), 0, Stored("article.created", 9, b"{}"))
    assert 1 == len(await reasons(database))
    await check(database, Codec(CODEC.classes.values(), {("article.created", 9): lambda fields: fields}))


@pytest.mark.parametrize("right", ["insert", "update (payload)", "delete", "truncate", "trigger"])
async def test_a_writer_that_could_change_the_log_is_refused(database: str, right: str) -> None:
    await change(database, f"grant {right} on log.event to public")
    (line,) = await reasons(database)
    assert f"revoke {right.partition(' ')[0].upper()} on log.event" in line


async def test_a_writer_that_owns_the_log_is_refused(database: str) -> None:
    await change(database, "alter table log.event owner to frankenjet_write")
    (line,) = await reasons(database)
    assert "owner of log.event" in line


async def test_a_database_that_was_never_migrated_is_refused(server: str, template: str) -> None:
    assert template
    with fresh_database(server) as dsn:
        (line,) = await reasons(dsn)
    assert "frankenjet migrate" in line


async def test_a_login_that_may_not_act_as_the_writer_is_refused(database: str) -> None:
    login = f"fjtest_{new_id().hex}"
    await change(database, f"create role {login} login password 'fjtest'")
    try:
        parts = urlsplit(database)
        place = parts.netloc.rpartition("@")[2]
        (line,) = await reasons(parts._replace(netloc=f"{login}:fjtest@{place}").geturl())
    finally:
        await change(database, f"drop role {login}")
    assert "frankenjet migrate" in line


async def test_a_server_that_is_not_there_is_said_in_one_line() -> None:
    (line,) = await reasons("postgresql://nobody@127.0.0.1:1/nothing")
    assert line.startswith("The database cannot be used for writing")


async def test_a_way_to_the_server_that_carries_no_notifications_is_refused(database: str) -> None:
    async with without_notifications(database) as dsn:
        (line,) = await reasons(dsn)
    assert "transaction mode" in line


async def test_every_reason_is_given_at_once(database: str) -> None:
    name = urlsplit(database).path[1:]
    await change(
        database,
        f'alter database "{name}" set synchronous_commit = off',
        "grant delete on log.event to frankenjet_write",
    )
    assert 2 == len(await reasons(database))


@asynccontextmanager
async def without_notifications(dsn: str) -> AsyncIterator[str]:
    """Yield an address that loses every notification, as a pooler of transactions does."""
    parts = urlsplit(dsn)
    if not parts.hostname:
        pytest.skip("the server listens on no TCP port")

    async def upstream(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            writer.write(data)

    async def downstream(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            head = await reader.readexactly(5)
            body = await reader.readexactly(int.from_bytes(head[1:]) - 4)
            if head[:1] != NOTIFICATION:
                writer.write(head + body)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection(parts.hostname, parts.port or 5432)
        pumps = [asyncio.create_task(upstream(reader, far_writer))]
        pumps.append(asyncio.create_task(downstream(far_reader, writer)))
        await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        for one in (writer, far_writer):
            one.close()
        await asyncio.gather(*pumps, return_exceptions=True)

    serving: list[asyncio.Task[None]] = []
    server = await asyncio.start_server(
        lambda *ends: serving.append(asyncio.create_task(serve(*ends))), "127.0.0.1", 0
    )
    user = parts.netloc.rpartition("@")[0]
    try:
        here = f"{user}@127.0.0.1:{server.sockets[0].getsockname()[1]}"
        yield parts._replace(netloc=here, query="sslmode=disable").geturl()
    finally:
        server.close()
        await asyncio.gather(*serving)
