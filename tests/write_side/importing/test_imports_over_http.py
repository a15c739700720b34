"""An administrator sends a file over HTTP, sees how far it is, and readers read what it brought."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import psycopg
import pytest

from events.base import Event
from events.catalog import EVENTS, UPCASTERS
from events.codec import Codec, Stored
from kit import clock
from kit.checkout import ROOT
from scripts.app import WholeBuild
from tests.given.imports import BYTES, admin_of, ended, send
from tests.servers.running import in_process
from write_side.importing.kept_file import remove_left_files
from write_side.importing.runs import NOT_ANY_MORE

COMPLETE = {
    "title": "Po-2",
    "summary": "A biplane.",
    "body": "It flew.",
    "sources": [{"title": "A book", "url": ""}],
}
LINE = {"kind": "article", "key": "po-2", "locale": "en", "fields": COMPLETE, "publish": True}
LINES = "format=ndjson&source=wiki"
MANY = 4_000
"""Records that take some seconds."""


async def test_a_file_comes_in_and_is_read_and_sent_again_it_adds_nothing(
    database: str, tmp_path: Path
) -> None:
    async with in_process(database, tmp_path) as site:
        admin = await admin_of(database, tmp_path)
        content = (json.dumps(LINE) + "\n{\n").encode()
        rehearsed = await ended(site, admin, await send(site, admin, content, LINES + "&dry_run=true"))
        assert (True, 0) == (rehearsed["dry_run"], (await site.client.get("/readyz")).json().get("head", 0))
        told = await ended(site, admin, await send(site, admin, content, LINES))
        assert rehearsed["events"] == told["events"]
        assert ("done", "wiki", 1, 1) == (told["state"], told["source"], told["records"], told["set_aside"])
        assert ["line 2"] == [one["place"] for one in told["aside"]]
        assert "It flew." == (await site.client.get("/v1/articles/po-2?after=4")).json()["body"]
        again = await ended(site, admin, await send(site, admin, content, LINES))
        assert (1, {}) == (again["already"], again["events"])


@pytest.mark.parametrize(
    ("content", "type_", "query", "status"),
    [
        (b"no zip", BYTES, "format=zip&source=wiki", 422),
        (b"x", "text/plain", LINES, 415),
        (b"{}", BYTES, "format=ndjson", 400),
        (b"{}", BYTES, "source=x", 400),
        (b"{}", BYTES, "format=git&source=x", 400),
        (b"{}", BYTES, "format=ndjson&source=../x", 400),
        (b"{}", BYTES, LINES + "&locale=fr", 400),
        (b"{}", BYTES, LINES + "&path=/etc", 400),
    ],
)
async def test_what_is_no_import_is_refused_and_leaves_nothing(
    database: str, tmp_path: Path, content: bytes, type_: str, query: str, status: int
) -> None:
    async with in_process(database, tmp_path, projector=False) as site:
        answer = await send(site, await admin_of(database, tmp_path), content, query, type_)
        assert (status, "application/problem+json") == (answer.status_code, answer.headers["content-type"])
    with psycopg.connect(database) as connection:
        assert (0,) == connection.execute("select count(*) from auth.import_run").fetchone()


async def test_one_import_runs_at_a_time(database: str, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "many.zip", "w") as many:
        for number in range(300):
            many.writestr(f"file-{number}.md", f"text {number}")
    content = (tmp_path / "many.zip").read_bytes()
    async with in_process(database, tmp_path) as site:
        admin = await admin_of(database, tmp_path)
        first = await send(site, admin, content, "format=zip&source=x")
        second = await send(site, admin, content, "format=zip&source=x")
        assert 409 == second.status_code
        told = await ended(site, admin, first)
        assert (300, 300) == (told["records"], told["events"]["article.created"])


async def test_an_import_ends_when_who_began_it_may_not_import_any_more(
    database: str, tmp_path: Path
) -> None:
    many = [json.dumps(LINE | {"key": f"po-{number}"}) for number in range(MANY)]
    async with in_process(database, tmp_path) as site:
        other = await admin_of(database, tmp_path)
        admin = await admin_of(database, tmp_path, "Another")
        begun = await send(site, admin, "\n".join(many).encode(), LINES)
        with psycopg.connect(database) as connection:
            connection.execute(
                "update auth.account set disabled_at = clock_timestamp() where name = 'Another'"
            )
        told = await ended(site, other, begun)
        assert ("failed", NOT_ANY_MORE) == (told["state"], told["failed"])
        assert told["records"] < MANY


async def test_a_run_whose_process_has_ended_is_interrupted(database: str, tmp_path: Path) -> None:
    async with in_process(database, tmp_path, projector=False) as site:
        admin = await admin_of(database, tmp_path)
        with psycopg.connect(database) as connection:
            row = connection.execute(
                "insert into auth.import_run (id, actor, format, dry_run, seen_at) values"
                " (gen_random_uuid(), gen_random_uuid(), 'zip', false, now() - interval '1 min') returning id"
            ).fetchone()
        assert row is not None
        told = await site.client.get(f"/v1/imports/{row[0]}", headers=admin)
        assert ("interrupted", 0, []) == tuple(told.json()[name] for name in ("state", "records", "aside"))


class NotingCodec(Codec):
    """A codec that notes what it has written."""

    written: list[str]

    def encode(self, event: Event) -> Stored:
        self.written.append(event.TYPE)
        return super().encode(event)


async def test_what_is_imported_is_written_as_the_build_that_serves_writes_it(
    database: str, tmp_path: Path
) -> None:
    codec = NotingCodec(EVENTS, UPCASTERS)
    codec.written = []
    build = WholeBuild()._replace(codec=codec)
    async with in_process(database, tmp_path, build, projector=False) as site:
        admin = await admin_of(database, tmp_path)
        await ended(site, admin, await send(site, admin, json.dumps(LINE).encode(), LINES))
    assert {"article.created", "article.published", "slug.claimed"} <= set(codec.written)


KEEPS_A_FILE = """
import asyncio, sys, time
from write_side.importing.kept_file import KeptFile

async def pieces():
    yield b"half"

kept = asyncio.run(KeptFile.of(pieces()))
print(kept.path, flush=True)
time.sleep(60)
"""


def test_the_file_of_a_killed_process_is_removed_and_no_other_one(tmp_path: Path) -> None:
    environment = {"TMPDIR": str(tmp_path), "PATH": "", "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        [sys.executable, "-c", KEEPS_A_FILE], env=environment, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        path = Path(process.stdout.readline().strip())
        an_hour_ago = clock.now().timestamp() - 3_600
        os.utime(path, (an_hour_ago, an_hour_ago))
        remove_left_files(tmp_path)
        assert (tmp_path, b"half") == (path.parent, path.read_bytes()), "its process is still there"
        process.kill()
        process.wait()
    other = tmp_path / "something-else"
    other.write_bytes(b"")
    os.utime(other, (an_hour_ago, an_hour_ago))
    remove_left_files(tmp_path)
    assert [other] == list(tmp_path.iterdir())
