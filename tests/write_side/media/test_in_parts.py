"""A large picture comes in parts: what has arrived stays when a connection breaks, and the rest is sent."""

import asyncio
import hashlib
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx2

from events.media import media_stream
from kit.ids import new_id
from kit.storage.files import FileStorage
from kit.storage.opening import storage_at
from kit.storage.parts import PART
from tests.given.media.pictures import PLACE, told
from tests.given.media.sending import announced, confirm, padded, put_part, send_parts, sent
from tests.kit.storage.conftest import s3
from tests.servers.nodes.s3_server import fresh_bucket
from tests.servers.running import Site, in_process, problem
from write_side.media.waiting.parts import PartUploads

__all__ = ["s3"]

FILE = padded(told("PNG"), 2 * PART + 5_000)
SHA256 = hashlib.sha256(FILE).hexdigest()


def left(folder: Path, *, but: str = "pictures") -> list[str]:
    """Return the files of the storage that are no pictures and say nothing of one."""
    media = folder / "media"
    found = sorted(path.relative_to(media).as_posix() for path in media.rglob("*") if path.is_file())
    return [one for one in found if f"/{but}/" not in one]


async def standing(site: Site, upload: str) -> dict[str, Any]:
    return await site.editor.done("GET", f"/media/uploads/{upload}")


async def test_an_upload_that_was_cut_is_gone_on_with(database: str, tmp_path: Path) -> None:
    async with in_process(database, tmp_path, projector=False) as site:
        begun = await site.editor.done("POST", "/media/uploads", announced(FILE))
        assert ([], [1, 2, 3]) == (begun["arrived"], [one["number"] for one in begun["parts"]])
        assert [PART, PART, 5_000] == [one["size"] for one in begun["parts"]]
        assert [204] == await send_parts(site.client, begun, FILE, 3)
        cut = await site.client.put(begun["parts"][0]["url"], content=FILE[:100_000])
        assert 400 == cut.status_code
        now = await standing(site, begun["id"])
        assert ([3], [1, 2]) == (now["arrived"], [one["number"] for one in now["parts"]])
        assert [204, 204] == await send_parts(site.client, now, FILE)
        answer = await confirm(site.editor, begun["id"], FILE)
        assert 201 == answer.status_code, answer.text
        receipt = answer.json()
        assert (str(media_stream(SHA256)), SHA256, 24) == (receipt["id"], receipt["sha256"], receipt["width"])
        assert [] == left(tmp_path)
        (kept,) = (tmp_path / "media" / "objects" / "pictures").rglob("*.png")
        assert PLACE not in kept.read_bytes()


async def test_what_is_not_larger_than_a_part_comes_by_a_form(database: str, tmp_path: Path) -> None:
    async with in_process(database, tmp_path, projector=False) as site:
        ask = announced(FILE)
        for size, how in ((PART, "fields"), (PART + 1, "parts")):
            begun = await site.editor.done("POST", "/media/uploads", ask | {"size": size})
            assert (True, 1) == (how in begun, len({"fields", "parts"} & set(begun)))


async def test_only_its_sender_is_told_of_an_upload(database: str, tmp_path: Path) -> None:
    async with in_process(database, tmp_path, projector=False) as site:
        begun = await site.editor.done("POST", "/media/uploads", announced(FILE))
        small = await sent(site.editor, told("PNG"))
        path = f"/media/uploads/{begun['id']}"
        answers = [
            await site.editor.send("GET", path),
            await site.moderator.send("GET", path),
            await site.client.get(f"/v1{path}"),
            await site.editor.send("GET", f"/media/uploads/{new_id()}"),
            await site.editor.send("GET", f"/media/uploads/{small}"),
        ]
        assert [200, 404, 401, 404, 404] == [one.status_code for one in answers]


async def test_a_confirmation_names_the_parts_that_are_missing(database: str, tmp_path: Path) -> None:
    async with in_process(database, tmp_path, projector=False) as site:
        begun = await site.editor.done("POST", "/media/uploads", announced(FILE))
        await send_parts(site.client, begun, FILE, 2)
        refused = problem(await confirm(site.editor, begun["id"], FILE))
        assert (409, "/problems/parts-missing") == (refused["status"], refused["type"])
        assert ["part 1 of 3 has not arrived", "part 3 of 3 has not arrived"] == [
            one["detail"] for one in refused["errors"]
        ]
        await send_parts(site.client, begun, FILE, 1, 3)
        assert 201 == (await confirm(site.editor, begun["id"], FILE)).status_code


async def test_what_an_address_does_not_allow_is_refused(database: str, tmp_path: Path) -> None:
    async with in_process(database, tmp_path, projector=False) as site:
        begun = await site.editor.done("POST", "/media/uploads", announced(FILE))
        first, second, last = (one["url"] for one in begun["parts"])
        whole = FILE[-5_000:]
        answers = [
            await site.client.put(last.replace("/3?", "/2?"), content=whole),
            await site.client.put(f"{last}0", content=whole),
            await site.client.put(last.replace(query(last), query(second)), content=whole[:-1]),
            await site.client.put(last.replace("policy=", "policy=x"), content=whole),
            await site.client.put(last, content=whole[1:]),
            await site.client.put(last, content=whole + b"x"),
            await site.client.put(first.partition("?")[0], content=whole),
            await site.client.put(last.replace("/3?", "/x?"), content=whole),
        ]
        assert [403, 403, 403, 403, 400, 400, 400, 404] == [one.status_code for one in answers]
        assert ["upload-forbidden"] * 4 + ["upload-invalid"] * 2 == [
            problem(one)["type"].removeprefix("/problems/") for one in answers[:6]
        ]
        assert [] == (await standing(site, begun["id"]))["arrived"]


def query(url: str) -> str:
    return url.partition("?")[2]


async def test_a_part_that_comes_after_the_end_is_refused(database: str, tmp_path: Path) -> None:
    async with in_process(database, tmp_path, projector=False) as site:
        begun = await site.editor.done("POST", "/media/uploads", announced(FILE))
        await send_parts(site.client, begun, FILE)
        assert 201 == (await confirm(site.editor, begun["id"], FILE)).status_code
        assert 404 == (await put_part(site.client, begun["parts"][0], FILE)).status_code
        assert 404 == (await site.editor.send("GET", f"/media/uploads/{begun['id']}")).status_code
        assert [] == left(tmp_path)


async def test_many_who_confirm_at_once_make_one_picture_of_the_parts(database: str, tmp_path: Path) -> None:
    async with in_process(database, tmp_path, projector=False) as site:
        upload = await sent(site.editor, FILE)
        answers = await asyncio.gather(*(confirm(site.editor, upload, FILE) for _ in range(6)))
        assert [200] * 5 + [201] == sorted(one.status_code for one in answers)
        assert 1 == len({one.json()["id"] for one in answers})
        answers = [await confirm(site.editor, upload, FILE, key="again") for _ in range(2)]
        assert [200, 200] == [one.status_code for one in answers]
    assert [] == [one for one in left(tmp_path) if one.startswith("parts/")]


async def test_a_process_that_dies_after_joining_leaves_what_can_be_confirmed(
    database: str, tmp_path: Path
) -> None:
    async with in_process(database, tmp_path, projector=False) as site:
        upload = await sent(site.editor, FILE)
        (said,) = (tmp_path / "media" / "objects" / "uploads").iterdir()
        account = UUID(said.name)
        async with FileStorage(tmp_path / "media") as storage:
            await PartUploads(storage).join(account, UUID(upload), SHA256)  # and here it died
        now = await standing(site, upload)
        assert ([1, 2, 3], []) == (now["arrived"], now["parts"])
        assert 201 == (await confirm(site.editor, upload, FILE)).status_code
        assert [] == left(tmp_path)


async def test_what_arrived_is_compared_with_what_was_announced(database: str, tmp_path: Path) -> None:
    async with in_process(database, tmp_path, projector=False) as site:
        upload = await sent(site.editor, FILE, sha256="0" * 64)
        wish = {"upload": upload, "sha256": "0" * 64}
        refused = problem(await site.editor.send("POST", "/media", wish))
        assert (422, "/problems/other-file") == (refused["status"], refused["type"])
        upload = await sent(site.editor, FILE)
        for answer in (
            await site.moderator.send("POST", "/media", {"upload": upload, "sha256": SHA256}),
            await site.editor.send("POST", "/media", {"upload": upload, "sha256": "1" * 64}),
        ):
            assert (409, "/problems/nothing-sent") == (answer.status_code, problem(answer)["type"])


async def test_a_picture_that_is_there_is_confirmed_without_its_parts(database: str, tmp_path: Path) -> None:
    async with in_process(database, tmp_path, projector=False) as site:
        first = await confirm(site.editor, await sent(site.editor, FILE), FILE)
        begun = await site.moderator.done("POST", "/media/uploads", announced(FILE))
        await send_parts(site.client, begun, FILE, 1)
        again = await confirm(site.moderator, begun["id"], FILE)
        assert (201, 200) == (first.status_code, again.status_code)
        assert first.json()["id"] == again.json()["id"]
        assert [] == left(tmp_path)


async def test_a_picture_of_oneself_comes_in_parts_as_well(database: str, tmp_path: Path) -> None:
    async with in_process(database, tmp_path, projector=False) as site:
        begun = await site.editor.done("POST", "/me/avatar/uploads", announced(FILE))
        await send_parts(site.client, begun, FILE, 1, 3)
        wish = {"upload": begun["id"], "sha256": SHA256}
        refused = problem(await site.editor.send("PUT", "/me/avatar", wish))
        assert (409, "/problems/parts-missing") == (refused["status"], refused["type"])
        await send_parts(site.client, await standing(site, begun["id"]), FILE)
        assert 204 == (await site.editor.send("PUT", "/me/avatar", wish)).status_code
        assert [] == left(tmp_path, but="avatars")


async def test_parts_go_to_an_s3_and_are_joined_there(database: str, tmp_path: Path, s3: str) -> None:
    place = fresh_bucket(s3)
    settings: dict[str, Any] = {
        "s3_bucket": place.bucket, "s3_endpoint_url": place.endpoint,
        "aws_access_key_id": place.access_key, "aws_secret_access_key": place.secret_key,
    }  # fmt: skip
    async with in_process(database, tmp_path, projector=False, **settings) as site:
        begun = await site.editor.done("POST", "/media/uploads", announced(FILE))
        assert begun["parts"][0]["url"].startswith(f"{place.endpoint}/{place.bucket}/uploads/")
        async with httpx2.AsyncClient(timeout=30) as browser:
            assert [200, 200] == await send_parts(browser, begun, FILE, 3, 1)
            now = await standing(site, begun["id"])
            assert ([1, 3], [2]) == (now["arrived"], [one["number"] for one in now["parts"]])
            refused = await confirm(site.editor, begun["id"], FILE)
            assert (409, "/problems/parts-missing") == (refused.status_code, problem(refused)["type"])
            assert [200] == await send_parts(browser, now, FILE)
        answers = await asyncio.gather(*(confirm(site.editor, begun["id"], FILE) for _ in range(3)))
        assert [200, 200, 201] == sorted(one.status_code for one in answers)
        ours = await site.client.put("/v1/media/uploads/parts/1?policy=x&signature=x", content=b"x")
        assert 404 == ours.status_code
    async with storage_at(place, tmp_path, b"", "") as storage:
        assert ["pictures"] == [one.key.split("/")[0] for one in (await storage.list()).objects]
        assert [] == [one async for one in storage.parts.unfinished()]
