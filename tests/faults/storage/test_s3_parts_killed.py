"""An S3 that is killed while parts come, or are joined: no picture is half registered, and clients go on."""

import asyncio
import io
import random
from contextlib import suppress
from pathlib import Path

import httpx2
import pytest
from PIL import Image

from kit.storage.opening import storage_at
from kit.storage.parts import PART
from tests.adversaries.prove import SEED, rounds
from tests.faults.storage.test_s3_killed import AWAY, picture, sent_by_browser, site_at
from tests.faults.storage.test_storage_away import registered_in
from tests.given.media.sending import announced, confirm, padded, put_part
from tests.servers.nodes.s3_on_disk import S3OnDisk
from tests.servers.nodes.s3_server import S3InMemory, fresh_bucket
from tests.servers.running import Site, problem

pytestmark = [pytest.mark.prove, pytest.mark.timeout(600)]


async def registered_by(site: Site, browser: httpx2.AsyncClient, file: bytes) -> int:
    """Send a large file and confirm it as a client does that goes on until it is told of the end.

    It begins again only where it is told that nothing of it is there.
    """
    async with asyncio.timeout(120):
        while True:
            begun = await site.editor.send("POST", "/media/uploads", announced(file))
            if begun.status_code == 201 and (status := await gone_on_with(site, browser, begun, file)):
                return status
            assert begun.status_code == 201 or AWAY == (begun.status_code, problem(begun)["type"])
            await asyncio.sleep(0.1)


async def gone_on_with(
    site: Site, browser: httpx2.AsyncClient, standing: httpx2.Response, file: bytes
) -> int | None:
    """Send what is missing and confirm, past whatever happens; None: nothing of it is there any more."""
    upload = standing.json()["id"]
    while standing.status_code != 404:
        for part in standing.json().get("parts", ()):
            with suppress(httpx2.HTTPError):
                await put_part(browser, part, file)
        answer = await confirm(site.editor, upload, file, key=f"of-{upload}")
        if answer.status_code in {200, 201}:
            return answer.status_code
        told = (answer.status_code, problem(answer)["type"])
        assert told in {AWAY, (409, "/problems/nothing-sent"), (409, "/problems/parts-missing")}, told
        await asyncio.sleep(0.1)
        standing = await site.editor.send("GET", f"/media/uploads/{upload}")
        assert standing.status_code in {200, 404, 503}
    return None


async def test_an_s3_that_forgets_all_parts_while_they_come_leaves_nothing_half_registered(
    database: str, tmp_path: Path
) -> None:
    """It loses pictures as well: who sends them again brings them back."""
    chance, s3, kills = random.Random(SEED), S3InMemory(), rounds(12)  # noqa: S311 - repeatable, not secret
    files = [padded(picture(number), 2 * PART + number + 1) for number in range(kills)]
    s3.start()
    try:
        place = fresh_bucket(s3.url)
        async with (
            site_at(database, tmp_path, place, projector=False) as site,
            httpx2.AsyncClient(timeout=10) as browser,
        ):
            for number, file in enumerate(files):
                asked = asyncio.create_task(registered_by(site, browser, file))
                await asyncio.sleep(chance.random() * 1.5)
                s3.kill()
                await asyncio.sleep(chance.random() * 0.5)
                await asyncio.to_thread(s3.start)
                async with storage_at(place, tmp_path, b"", "") as storage:
                    await storage.ready()  # who had a bucket that is lost makes another one
                assert await asked in {200, 201}, f"SEED={SEED}"
                assert number + 1 == await registered_in(database)
            for file in files:
                assert 200 == await registered_by(site, browser, file)
        async with storage_at(place, tmp_path, b"", "") as storage:
            found = (await storage.list()).objects
            assert ["pictures"] * kills == [one.key.partition("/")[0] for one in found]
            assert [] == [one async for one in storage.parts.unfinished()]
    finally:
        s3.kill()


def kept_in_parts(number: int) -> bytes:
    """Return a picture that is small as it is sent and larger than a part as it is kept."""
    noise = Image.effect_noise((1800, 1600 + number), 90)
    target = io.BytesIO()
    Image.merge("RGBA", (noise, noise.rotate(90), noise.rotate(180), noise)).save(
        target, "WEBP", quality=40, method=0
    )
    return target.getvalue()


async def test_an_s3_that_is_killed_while_a_picture_is_kept_in_parts_keeps_it_whole_in_the_end(
    database: str, tmp_path: Path
) -> None:
    chance, kills = random.Random(SEED), rounds(8)  # noqa: S311 - repeatable, not secret
    s3 = S3OnDisk(tmp_path / "s3")
    s3.start()
    try:
        place = s3.place()
        async with site_at(database, tmp_path, place, projector=False) as site:
            for number in range(kills):
                file = kept_in_parts(number)
                upload = await sent_by_browser(site, file, "image/webp")
                asked = asyncio.create_task(confirm(site.editor, upload, file, key=f"kill-{number}"))
                await asyncio.sleep(0.5 + chance.random() * 2.5)
                s3.kill()
                first = await asked
                assert first.status_code in {200, 201, 503}, first.text
                s3.start()
                answer = await confirm(site.editor, upload, file, key=f"kill-{number}")
                assert answer.status_code in {200, 201}, f"SEED={SEED} {answer.text}"
                assert number + 1 == await registered_in(database)
                assert PART < answer.json()["size"]
        async with storage_at(place, tmp_path, b"", "") as storage:
            assert kills == len((await storage.list("pictures/")).objects)
    finally:
        s3.kill()
