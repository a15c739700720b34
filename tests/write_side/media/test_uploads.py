"""A picture comes in three steps: a form is asked for, the file is sent with it, and then confirmed."""

import asyncio
import hashlib
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx2
import pytest

from events.media import media_stream
from kit.ids import new_id
from kit.pictures.cleaning import Cleaner
from kit.postgres.connect import connect
from kit.storage.files import FileStorage
from kit.storage.opening import storage_at
from tests.given.media.pictures import PLACE, drawn, polyglots, told, written
from tests.given.media.sending import announced, confirm, registered, sent, submit
from tests.kit.storage.conftest import s3
from tests.kit.storage.test_contract import pieces
from tests.servers.nodes.s3_server import fresh_bucket
from tests.servers.processes import free_port
from tests.servers.running import in_process, problem
from write_side.media.files import MediaFiles
from write_side.media.keys import refused_key, waiting_key
from write_side.media.waiting.sweeping import sweep

__all__ = ["s3"]

FILE = told("PNG")
SHA256 = hashlib.sha256(FILE).hexdigest()


def kept(folder: Path, where: str = "") -> list[Path]:
    """Return the objects that are kept."""
    return sorted(path for path in (folder / "media" / "objects" / where).rglob("*") if path.is_file())


async def test_a_picture_is_sent_confirmed_and_kept_clean(database: str, tmp_path: Path) -> None:
    async with in_process(database, tmp_path, projector=False) as site:
        upload = await sent(site.editor, FILE)
        answer = await confirm(site.editor, upload, FILE)
        assert (201, '"v1"') == (answer.status_code, answer.headers["ETag"])
        receipt = answer.json()
        assert str(media_stream(SHA256)) == receipt["id"]
        assert f"/v1/media/{receipt['id']}" == answer.headers["Location"]
        assert (SHA256, 24, 16, False) == tuple(
            receipt[one] for one in ("sha256", "width", "height", "suppressed")
        )
        (place,) = kept(tmp_path)
        bytes_ = place.read_bytes()
        assert (hashlib.sha256(bytes_).hexdigest(), len(bytes_)) == (place.stem, receipt["size"])
        assert PLACE in FILE
        assert PLACE not in bytes_


async def test_the_same_file_again_is_the_same_picture(database: str, tmp_path: Path) -> None:
    async with in_process(database, tmp_path, projector=False) as site:
        first = await confirm(site.editor, await sent(site.editor, FILE), FILE)
        again = await confirm(site.moderator, await sent(site.moderator, FILE), FILE)
        assert (201, 200) == (first.status_code, again.status_code)
        assert first.json()["id"] == again.json()["id"]
        assert 1 == len(kept(tmp_path))


async def test_many_who_confirm_at_once_make_one_picture(database: str, tmp_path: Path) -> None:
    async with in_process(database, tmp_path, projector=False) as site:
        upload = await sent(site.editor, FILE)
        answers = await asyncio.gather(*(confirm(site.editor, upload, FILE) for _ in range(12)))
        assert [200] * 11 + [201] == sorted(one.status_code for one in answers)
        assert 1 == len({one.json()["id"] for one in answers})
    owner = await connect(database, "test")
    assert 1 == await owner.fetchval("select count(*) from log.event where type = 'media.registered'")
    await owner.close()


async def test_a_key_gives_the_same_receipt_although_the_file_is_no_longer_there(
    database: str, tmp_path: Path
) -> None:
    async with in_process(database, tmp_path, projector=False) as site:
        upload = await sent(site.editor, FILE)
        first, again = [await confirm(site.editor, upload, FILE, key="one") for _ in range(2)]
        assert (201, first.content) == (again.status_code, again.content)
        assert "true" == again.headers["Idempotency-Replayed"]


async def test_nobody_confirms_what_another_one_sent(database: str, tmp_path: Path) -> None:
    async with in_process(database, tmp_path, projector=False) as site:
        upload = await sent(site.editor, FILE)
        refused = problem(await confirm(site.moderator, upload, FILE))
        assert (409, "/problems/nothing-sent") == (refused["status"], refused["type"])
        nothing = problem(await confirm(site.editor, str(new_id()), FILE))
        assert (409, "/problems/nothing-sent") == (nothing["status"], nothing["type"])


async def test_what_a_form_does_not_allow_is_refused_as_s3_does(database: str, tmp_path: Path) -> None:
    async with in_process(database, tmp_path, projector=False) as site:
        begun = await site.editor.done("POST", "/media/uploads", announced(FILE))
        other = begun["fields"]["key"].replace("uploads/", "pictures/")
        answers = [
            await submit(site.client, begun, FILE, key=other),
            await submit(site.client, begun, FILE, **{"Content-Type": "text/html"}),
            await submit(site.client, begun, FILE, signature="0" * 64),
            await submit(site.client, begun, FILE + b"x"),
            await submit(site.client, begun, FILE[1:]),
            await site.client.post(begun["url"], json={}),
        ]
        assert ["upload-forbidden"] * 3 + ["upload-invalid"] * 3 == [
            problem(one)["type"].removeprefix("/problems/") for one in answers
        ]
        assert [403] * 3 + [400] * 3 == [one.status_code for one in answers]
        assert [] == kept(tmp_path)


REFUSED: dict[str, tuple[bytes, dict[str, Any], str]] = {
    "another file": (FILE, {"sha256": "0" * 64}, "other-file"),
    "another type": (FILE, {"type": "image/jpeg"}, "other-file"),
    "a drawing": (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", {}, "picture-refused"),
    "a broken one": (written("PNG")[:-30], {}, "picture-refused"),
}


@pytest.mark.parametrize("why", REFUSED)
async def test_what_is_no_such_picture_is_refused_with_a_reason(
    database: str, tmp_path: Path, why: str
) -> None:
    file, other, type_ = REFUSED[why]
    async with in_process(database, tmp_path, projector=False) as site:
        upload = await sent(site.editor, file, **other)
        wish = {"upload": upload, "sha256": (announced(file) | other)["sha256"]}
        refused = problem(await site.editor.send("POST", "/media", wish))
        assert (422, f"/problems/{type_}") == (refused["status"], refused["type"])
        assert refused["detail"]
        assert [] == kept(tmp_path, "pictures")


async def test_a_picture_that_is_something_else_too_is_kept_as_a_picture_alone(
    database: str, tmp_path: Path
) -> None:
    async with in_process(database, tmp_path, projector=False) as site:
        for name, file in polyglots():
            kind = f"image/{name.split()[1].lower()}"
            await registered(site.editor, file, kind)
        assert [] == [path for path in kept(tmp_path) if b"alert(1)" in path.read_bytes()]
        assert [] == [path for path in kept(tmp_path) if b"PK\x03\x04" in path.read_bytes()]


async def test_an_s3_that_is_down_is_told_within_three_seconds_and_nothing_else_feels_it(
    database: str, tmp_path: Path
) -> None:
    down: dict[str, Any] = {"s3_bucket": "fjtest", "s3_endpoint_url": f"http://127.0.0.1:{free_port()}"}
    down |= {"aws_access_key_id": "fjtest", "aws_secret_access_key": "fjtest"}
    async with in_process(database, tmp_path, projector=False, **down) as site:
        async with asyncio.timeout(3):
            begun = await site.editor.send("POST", "/media/uploads", announced(FILE))
        async with asyncio.timeout(3):
            confirmed = await confirm(site.editor, str(new_id()), FILE)
        async with asyncio.timeout(3):
            large = await site.editor.send("POST", "/media/uploads", announced(FILE) | {"size": 2**24})
        async with asyncio.timeout(3):
            standing = await site.editor.send("GET", f"/media/uploads/{new_id()}")
        for answer in (begun, confirmed, large, standing):
            assert (503, "/problems/media-unavailable") == (answer.status_code, problem(answer)["type"])
            assert "5" == answer.headers["Retry-After"]
        await site.editor.done("POST", "/articles", {"locale": "en", "title": "Text goes on"})


async def test_a_picture_goes_through_an_s3(database: str, tmp_path: Path, s3: str) -> None:
    place = fresh_bucket(s3)
    settings: dict[str, Any] = {
        "s3_bucket": place.bucket, "s3_endpoint_url": place.endpoint,
        "aws_access_key_id": place.access_key, "aws_secret_access_key": place.secret_key,
    }  # fmt: skip
    file = written("JPEG", drawn(size=(40, 30)))
    async with in_process(database, tmp_path, projector=False, **settings) as site:
        begun = await site.editor.done("POST", "/media/uploads", announced(file, "image/jpeg"))
        assert begun["url"].startswith(place.endpoint)
        async with httpx2.AsyncClient() as browser:
            assert 204 == (await submit(browser, begun, file)).status_code
        made = await confirm(site.editor, begun["id"], file)
        assert (201, 40, 30) == (made.status_code, made.json()["width"], made.json()["height"])
        ours = await site.client.post("/v1/media/uploads/file", data=begun["fields"], files={"file": file})
        assert 404 == ours.status_code
    async with storage_at(place, tmp_path, b"", "") as storage:
        objects = (await storage.list()).objects
        assert [True] == [one.key.startswith("pictures/") for one in objects]


async def test_what_nobody_confirmed_is_swept_after_a_day(tmp_path: Path) -> None:
    async with FileStorage(tmp_path, b"x" * 32) as storage:
        account, sha256, old = new_id(), "a" * 64, UUID("0190b0a0-0000-7000-8000-000000000000")
        keys = [waiting_key(one, account, sha256) for one in (old, new_id())]
        refused = refused_key(old, account, sha256)
        for key in (*keys, refused, "pictures/ab/ab.png"):
            await storage.put(key, pieces(b"x"), media_type="image/png")
        (tmp_path / "objects" / "uploads" / ".DS_Store").write_bytes(b"x")
        assert 2 == await sweep(storage)
        assert [keys[1]] == [one.key for one in (await storage.list("uploads/")).objects]
        assert await storage.head("pictures/ab/ab.png")


async def test_a_process_that_dies_between_keeping_and_telling_leaves_nothing_half_registered(
    database: str, tmp_path: Path
) -> None:
    """Its file is kept and waits: the next try ends with one picture, under the same key."""
    async with in_process(database, tmp_path, projector=False) as site:
        upload = await sent(site.editor, FILE)
        (waiting,) = kept(tmp_path)
        account = waiting.parent.name
        async with FileStorage(tmp_path / "media") as storage, Cleaner() as cleaner:
            event = await MediaFiles(storage, cleaner).accept(UUID(account), UUID(upload), SHA256)
        assert 2 == len(kept(tmp_path))  # and here it died
        answer = await confirm(site.editor, upload, FILE)
        assert 201 == answer.status_code
        assert [event.key] == [
            str(path.relative_to(tmp_path / "media" / "objects")) for path in kept(tmp_path)
        ]
