"""Storage that is slow or dies takes nothing from texts, and a process that dies leaves no half picture."""

import asyncio
import hashlib
import os
import random
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest

from events.codec import CODEC
from kit.ids import new_id
from kit.pictures.cleaning import MOST_OF_ONE
from kit.postgres.connect import connect
from kit.running.ending import end
from tests.adversaries.prove import SEED
from tests.given.media.pictures import drawn, written
from tests.given.media.sending import announced, confirm, sent, submit
from tests.servers.nodes.s3_server import fresh_bucket, running_s3
from tests.servers.running import Site, as_processes, in_process, problem
from write_side.media.checking import in_log, named_hash

FILE = written("PNG", drawn(size=(64, 48)))


async def test_a_storage_that_says_nothing_holds_up_no_command(database: str, tmp_path: Path) -> None:
    """It takes connections and never answers: those who need it hear so within 3 s, others notice nothing."""
    s3: dict[str, Any] = {"s3_bucket": "silent", "aws_access_key_id": "fjtest"}
    s3 |= {"aws_secret_access_key": "fjtest"}
    with socket.create_server(("127.0.0.1", 0), backlog=100) as silent:  # the system answers for it
        s3["s3_endpoint_url"] = f"http://127.0.0.1:{silent.getsockname()[1]}"
        await others_go_on(database, tmp_path, s3)


async def test_a_disk_that_hangs_holds_up_no_command_and_no_reader(database: str, tmp_path: Path) -> None:
    """Files of which the system says nothing: more than there are threads are asked for at once."""
    async with in_process(database, tmp_path, projector=False) as site:
        uploads = list[str]()
        for _ in range(MOST_OF_ONE):
            begun = await site.editor.done("POST", "/media/uploads", announced(FILE))
            uploads.append(begun["id"])
            place = tmp_path / "media" / "objects" / begun["fields"]["key"]
            place.parent.mkdir(parents=True, exist_ok=True)
            os.mkfifo(place)  # nobody writes into it, so that opening it never ends
        waiting = [asyncio.create_task(confirm(site.editor, one, FILE)) for one in uploads]
        await asyncio.sleep(0.2)
        async with asyncio.timeout(60):
            assert 7 == await asyncio.to_thread(lambda: 7)  # as what compresses answers for readers does
            await site.editor.done("POST", "/articles", {"locale": "en", "title": "Comet"})
            answers = await asyncio.gather(*waiting)
            late = await site.editor.send("POST", "/media/uploads", announced(FILE))
        assert {(503, "/problems/media-unavailable")} == {
            (one.status_code, problem(one)["type"]) for one in (*answers, late)
        }
        for path in (tmp_path / "media" / "objects" / "uploads").rglob("*.bin"):
            with suppress(OSError):  # let the threads go
                os.close(os.open(path, os.O_WRONLY | os.O_NONBLOCK))


async def others_go_on(database: str, folder: Path, s3: dict[str, Any]) -> None:
    async with in_process(database, folder, projector=False, **s3) as site:

        async def refused() -> float:
            began = time.monotonic()
            answer = await confirm(site.editor, str(new_id()), FILE)
            assert (503, "/problems/media-unavailable") == (answer.status_code, problem(answer)["type"])
            return time.monotonic() - began

        made = await site.editor.done("POST", "/articles", {"locale": "en", "title": "Comet"})
        waiting = [asyncio.create_task(refused()) for _ in range(MOST_OF_ONE)]
        await asyncio.sleep(0.1)
        version = 1
        while version <= 10 and not any(task.done() for task in waiting):
            path, wish = f"/articles/{made['id']}", {"title": f"Comet {version}"}
            await site.editor.done("PATCH", path, wish, version=version)
            version += 1
        assert version > 2, "commands were done while all the others waited"
        assert max(await asyncio.gather(*waiting)) < 15.0


async def in_bucket(site: Site, file: bytes) -> str:
    """Announce a file and send it to the S3, as a browser does; return the id of the upload."""
    begun = await site.editor.done("POST", "/media/uploads", announced(file))
    async with httpx2.AsyncClient(timeout=20) as browser:
        assert 204 == (await submit(browser, begun, file)).status_code
    return str(begun["id"])


COMMANDS = 3
"""That have to be done before the next answer of the slow storage comes."""


class Gate:
    """Keeps answers back until commands have been done meanwhile; open until somebody closes it."""

    def __init__(self) -> None:
        self.closed = False
        self.done = 0
        self._more = asyncio.Condition()

    async def command_done(self) -> None:
        async with self._more:
            self.done += 1
            self._more.notify_all()

    async def passed(self) -> None:
        if self.closed:
            wanted = self.done + COMMANDS
            async with self._more:
                await self._more.wait_for(lambda: self.done >= wanted)


async def test_a_slow_storage_holds_up_no_command(database: str, tmp_path: Path) -> None:
    """Its answers come only after commands that were sent meanwhile: they never would if those waited."""
    gate = Gate()
    with running_s3() as url:
        place = fresh_bucket(url)
        async with slowed(urlsplit(url).port or 0, gate) as port:
            s3: dict[str, Any] = {"s3_bucket": place.bucket, "s3_endpoint_url": f"http://127.0.0.1:{port}"}
            s3 |= {"aws_access_key_id": place.access_key, "aws_secret_access_key": place.secret_key}
            async with in_process(database, tmp_path, projector=False, **s3) as site:
                made = await site.editor.done("POST", "/articles", {"locale": "en", "title": "Comet"})
                upload = await in_bucket(site, FILE)
                gate.closed = True
                sending = asyncio.create_task(confirm(site.editor, upload, FILE))
                while not sending.done():
                    path, wish = f"/articles/{made['id']}", {"title": f"Comet {gate.done}"}
                    await site.editor.done("PATCH", path, wish, version=gate.done + 1)
                    await gate.command_done()
                assert 201 == (await sending).status_code
    assert gate.done > 2 * COMMANDS, "the storage was asked several things"


@asynccontextmanager
async def slowed(port: int, gate: Gate) -> AsyncIterator[int]:
    """Pass on what comes to a server, and what it answers when the gate lets it through."""
    tasks = set[asyncio.Task[None]]()

    async def passed(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, back: bool) -> None:
        with closing(writer), suppress(OSError):
            while data := await reader.read(65_536):
                if back:
                    await gate.passed()
                writer.write(data)
                await writer.drain()

    async def taken(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", port)
        for one in (passed(reader, back, back=False), passed(there, writer, back=True)):
            tasks.add(asyncio.create_task(one))

    server = await asyncio.start_server(taken, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await end(*tasks)


async def test_an_s3_that_dies_in_the_middle_leaves_nothing_half_registered(
    database: str, tmp_path: Path
) -> None:
    """At each step: asked for, sent, confirmed. When it is back, the client goes on where it was."""
    with running_s3() as first:
        place = fresh_bucket(first)
        s3: dict[str, Any] = {"s3_bucket": place.bucket, "s3_endpoint_url": place.endpoint}
        s3 |= {"aws_access_key_id": place.access_key, "aws_secret_access_key": place.secret_key}
        async with in_process(database, tmp_path, projector=False, **s3) as site:
            upload = await in_bucket(site, FILE)
    async with in_process(database, tmp_path, projector=False, **s3) as site:  # and now it is gone
        begun = await site.editor.send("POST", "/media/uploads", announced(FILE))
        answer = await confirm(site.editor, upload, FILE)
        assert [503, 503] == [begun.status_code, answer.status_code]
        assert 0 == await registered_in(database)


async def registered_in(dsn: str) -> int:
    owner = await connect(dsn, "test owner")
    try:
        count: int = await owner.fetchval("select count(*) from log.event where type = 'media.registered'")
        return count
    finally:
        await owner.close()


async def killed_while_pictures_come(dsn: str, folder: Path, kills: int) -> None:
    """Kill the API at random moments after a confirmation was sent; each time the client asks again."""
    chance = random.Random(SEED)  # noqa: S311 - repeatable, not secret
    async with as_processes(dsn, folder) as (running, site):
        for number in range(kills):
            file = written("PNG", drawn(size=(100 + number, 80)))
            upload = await sent(site.editor, file)
            asked = asyncio.create_task(confirm(site.editor, upload, file, key=f"kill-{number}"))
            await asyncio.sleep(chance.random() * 0.4)
            running.kill("serve")
            with suppress(httpx2.HTTPError):
                await asked
            running.start("serve")
            await running.ready()
            answer = await confirm(site.editor, upload, file, key=f"kill-{number}")
            assert answer.status_code in {200, 201}, f"SEED={SEED} {answer.text}"
            assert number + 1 == await registered_in(dsn)
    await kept_as_told(dsn, folder)


async def kept_as_told(dsn: str, folder: Path) -> None:
    """Compare what is kept with what the log tells, each byte."""
    media = folder / "media" / "objects"
    owner = await connect(dsn, "test owner")
    log = await in_log(owner, CODEC)
    await owner.close()
    kept = {path.relative_to(media).as_posix(): path.read_bytes() for path in media.rglob("*.png")}
    assert set(log) == set(kept)
    assert {named_hash(key) for key in log} == {hashlib.sha256(data).hexdigest() for data in kept.values()}


async def test_an_api_that_is_killed_while_pictures_come_leaves_none_half_registered(
    database: str, tmp_path: Path
) -> None:
    await killed_while_pictures_come(database, tmp_path, 2)


@pytest.mark.prove
async def test_twenty_kills_leave_no_picture_half_registered(database: str, tmp_path: Path) -> None:
    await killed_while_pictures_come(database, tmp_path, 20)
