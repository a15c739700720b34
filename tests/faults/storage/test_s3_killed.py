"""An S3 that is killed or frozen, and comes back: uploads wait, texts do not, no picture is half there."""

import asyncio
import hashlib
import random
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import httpx2
import pytest

from events.codec import CODEC
from kit.postgres.connect import connect
from kit.storage.copying import sha256_of
from kit.storage.opening import storage_at
from kit.storage.place import S3Place
from tests.adversaries.prove import SEED
from tests.given.media.pictures import drawn, written
from tests.given.media.sending import announced, confirm, submit
from tests.servers.nodes.s3_on_disk import S3OnDisk, running_s3_on_disk
from tests.servers.running import Site, in_process, problem
from write_side.media.checking import in_log, named_hash

pytestmark = [pytest.mark.prove, pytest.mark.timeout(300)]

AWAY = (503, "/problems/media-unavailable")


@pytest.fixture
def s3(tmp_path: Path) -> Iterator[S3OnDisk]:
    with running_s3_on_disk(tmp_path) as server:
        yield server


@asynccontextmanager
async def site_at(database: str, folder: Path, place: S3Place, **more: Any) -> AsyncIterator[Site]:
    s3: dict[str, Any] = {"s3_bucket": place.bucket, "s3_endpoint_url": place.endpoint}
    s3 |= {"aws_access_key_id": place.access_key, "aws_secret_access_key": place.secret_key}
    async with in_process(database, folder, **s3 | more) as site:
        yield site


def picture(number: int) -> bytes:
    return written("PNG", drawn(size=(100 + number, 80)))


async def sent_by_browser(site: Site, file: bytes, media_type: str = "image/png") -> str:
    """Send a file to the S3, asking again while that is away; return the id of the upload."""
    async with asyncio.timeout(60), httpx2.AsyncClient(timeout=10) as browser:
        while True:
            begun = await site.editor.send("POST", "/media/uploads", announced(file, media_type))
            if begun.status_code == 201:
                with suppress(httpx2.HTTPError):
                    if (await submit(browser, begun.json(), file)).status_code == 204:
                        return str(begun.json()["id"])
            else:
                assert AWAY == (begun.status_code, problem(begun)["type"])
            await asyncio.sleep(0.1)


async def test_an_s3_that_is_killed_at_any_moment_leaves_no_picture_half_registered(
    database: str, tmp_path: Path, s3: S3OnDisk
) -> None:
    """Each time it comes back the client asks again, under the same key, until it is told of the end."""
    chance, place, kills = random.Random(SEED), s3.place(), 12  # noqa: S311 - repeatable, not secret
    async with site_at(database, tmp_path, place, projector=False) as site:
        for number in range(kills):
            file = picture(number)
            upload = await sent_by_browser(site, file)
            asked = asyncio.create_task(confirm(site.editor, upload, file, key=f"kill-{number}"))
            await asyncio.sleep(chance.random() * 0.3)
            s3.kill()
            first = await asked
            assert first.status_code in {200, 201, 503}, first.text
            text = {"locale": "en", "title": f"Comet {number}"}
            await site.editor.done("POST", "/articles", text)  # texts go on meanwhile
            s3.start()
            answer = await confirm(site.editor, upload, file, key=f"kill-{number}")
            assert answer.status_code in {200, 201}, f"SEED={SEED} {answer.text}"
    owner = await connect(database, "test owner")
    log = await in_log(owner, CODEC)
    await owner.close()
    assert kills == len(log)
    async with storage_at(place, tmp_path, b"", "") as storage:
        for key, size in log.items():
            known = await storage.head(key)
            assert (size, named_hash(key)) == (known and known.size, await sha256_of(storage, key))


async def test_an_s3_that_freezes_holds_up_uploads_alone_and_goes_on_where_it_was(
    database: str, tmp_path: Path, s3: S3OnDisk
) -> None:
    file = picture(1)
    async with site_at(database, tmp_path, s3.place()) as site:
        upload = await sent_by_browser(site, file)
        made = await site.editor.done("POST", "/articles", {"locale": "en", "title": "Comet"})
        s3.freeze()
        began = time.monotonic()
        begun, confirmed = await asyncio.gather(
            site.editor.send("POST", "/media/uploads", announced(file)), confirm(site.editor, upload, file)
        )
        assert 8.0 > time.monotonic() - began  # 3 s, on a machine that does nothing else
        assert [AWAY, AWAY] == [(one.status_code, problem(one)["type"]) for one in (begun, confirmed)]
        for version in range(1, 6):
            wish = {"title": f"Comet {version}"}
            made |= await site.editor.done("PATCH", f"/articles/{made['id']}", wish, version=version)
        draft = await site.editor.send("GET", f"/articles/{made['id']}/draft?after={made['position']}")
        assert "Comet 5" == draft.json()["title"]
        s3.thaw()
        answer = await confirm(site.editor, upload, file)
        assert 201 == answer.status_code, answer.text
        assert hashlib.sha256(file).hexdigest() == answer.json()["sha256"]
        query = {"after": answer.json()["position"]}
        shown = (await site.client.get(f"/v1/media/{answer.json()['id']}", params=query)).json()
        assert 200 == (await site.client.get(shown["url"])).status_code
        s3.kill()
        assert 503 == (await site.client.get(shown["url"])).status_code
        s3.start()
        assert 200 == (await site.client.get(shown["url"])).status_code
