"""People have a picture of themselves: a square, theirs or an administrator's to remove, gone with them."""

import asyncio
import io
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx2
from PIL import Image

from kit.auth.roles import Role
from kit.ids import new_id
from kit.postgres.connect import Connection, connect
from kit.storage.files import FileStorage
from kit.storage.parts import PART
from tests.given.media.pictures import PLACE, drawn, exif, written
from tests.given.media.sending import announced, padded, registered, send_parts, submit
from tests.given.media.sending import sent as sent_picture
from tests.servers.running import Editor, Site, in_process, problem
from write_side.accounts.admin.rights import grant

FILE = written("JPEG", drawn(size=(900, 600)), exif=exif(6))


async def sent(who: Editor, file: bytes = FILE, media_type: str = "image/jpeg") -> dict[str, Any]:
    """Announce a picture of oneself and send it; return what confirms it."""
    begun = await who.done("POST", "/me/avatar/uploads", said := announced(file, media_type))
    assert 204 == (await submit(who.client, begun, file)).status_code
    return {"upload": begun["id"], "sha256": said["sha256"]}


async def given(who: Editor, file: bytes = FILE, media_type: str = "image/jpeg") -> httpx2.Response:
    return await who.send("PUT", "/me/avatar", await sent(who, file, media_type))


async def account_of(who: Editor) -> str:
    return str((await who.send("GET", "/me")).json()["id"])


def files(folder: Path) -> list[Path]:
    return sorted((folder / "media" / "objects" / "avatars").glob("*"))


def waiting(folder: Path) -> list[Path]:
    """Return all files that nobody has confirmed, and what is kept of them."""
    places = [folder / "media" / name for name in ("objects/uploads", "parts/uploads")]
    return [path for place in places for path in place.rglob("*") if path.is_file()]


async def left_alone(folder: Path, count: int) -> list[Path]:
    """Return the files once there are so many."""
    async with asyncio.timeout(30):
        while len(found := files(folder)) != count:  # noqa: ASYNC110 - what removes them is a task of its own
            await asyncio.sleep(0.02)
    return found


async def forgotten(owner: Connection) -> None:
    """Wait until the tables have none: a file is removed before it is forgotten."""
    async with asyncio.timeout(30):
        while await owner.fetchval("select count(*) from auth.avatar"):  # noqa: ASYNC110 - another task
            await asyncio.sleep(0.02)


async def administrated(site: Site, dsn: str) -> Editor:
    """Make the moderator an administrator."""
    owner = await connect(dsn, "test owner")
    await grant(owner, UUID(await account_of(site.moderator)), Role.ADMIN, actor=None)
    await owner.close()
    await asyncio.sleep(1.1)
    return site.moderator


async def test_a_picture_of_oneself_is_an_upright_square_without_what_the_camera_said(
    database: str, tmp_path: Path
) -> None:
    async with in_process(database, tmp_path, projector=False) as site:
        assert 404 == (await site.editor.send("GET", "/me/avatar")).status_code
        assert 204 == (await given(site.editor)).status_code
        shown = await site.editor.send("GET", "/me/avatar")
        assert ("image/jpeg", "no-store", "nosniff") == tuple(
            shown.headers[name] for name in ("content-type", "cache-control", "x-content-type-options")
        )
        with Image.open(io.BytesIO(shown.content)) as image:
            assert (512, 512) == image.size
            red, _, blue = image.convert("RGB").getpixel((500, 10))  # type: ignore[misc]  # it is a colour
        assert red > blue + 100
        assert PLACE not in shown.content
        small = written("PNG", drawn(size=(40, 30)))
        assert 204 == (await given(site.editor, small, "image/png")).status_code
        with Image.open(io.BytesIO((await site.editor.send("GET", "/me/avatar")).content)) as image:
            assert ("PNG", (30, 30)) == (image.format, image.size)
        await left_alone(tmp_path, 1)
        assert [] == list((tmp_path / "media" / "objects" / "uploads").glob("*/*"))


async def test_an_account_announces_and_confirms_few_of_itself(database: str, tmp_path: Path) -> None:
    async with in_process(database, tmp_path, projector=False, limits=0.05) as site:
        large = announced(FILE, "image/jpeg") | {"size": 4 * PART}
        told = [(await site.editor.send("POST", "/me/avatar/uploads", large)).status_code for _ in range(3)]
        assert [201, 201, 429] == told
        wish = {"upload": str(new_id()), "sha256": large["sha256"]}
        assert 429 == (await site.editor.send("PUT", "/me/avatar", wish)).status_code


async def test_moderators_see_it_as_they_see_names_and_nobody_else_does(
    database: str, tmp_path: Path
) -> None:
    async with in_process(database, tmp_path, projector=False) as site:
        await given(site.editor)
        place = f"/accounts/{await account_of(site.editor)}/avatar"
        assert 200 == (await site.moderator.send("GET", place)).status_code
        assert 403 == (await site.editor.send("GET", f"/accounts/{new_id()}/avatar")).status_code
        assert 401 == (await site.client.get(f"/v1{place}")).status_code
        assert 404 == (await site.moderator.send("GET", f"/accounts/{new_id()}/avatar")).status_code


async def test_nobody_but_its_owner_and_administrators_takes_it_away(database: str, tmp_path: Path) -> None:
    async with in_process(database, tmp_path, projector=False) as site:
        await given(site.editor)
        place = f"/accounts/{await account_of(site.editor)}/avatar"
        assert 403 == (await site.moderator.send("DELETE", place)).status_code
        assert 1 == len(files(tmp_path))
        chief = await administrated(site, database)
        assert 204 == (await chief.send("DELETE", place)).status_code
        await left_alone(tmp_path, 0)
        assert 404 == (await chief.send("DELETE", place)).status_code
        await given(site.editor)
        assert 204 == (await site.editor.send("DELETE", "/me/avatar")).status_code
        assert 404 == (await site.editor.send("GET", "/me/avatar")).status_code
        await left_alone(tmp_path, 0)


async def test_what_is_no_picture_or_another_ones_changes_nothing(database: str, tmp_path: Path) -> None:
    async with in_process(database, tmp_path, projector=False) as site:
        await given(site.editor)
        before = (await site.editor.send("GET", "/me/avatar")).content
        page = b"<script>alert(1)</script>"
        refused = problem(await given(site.editor, page))
        assert (422, "/problems/picture-refused") == (refused["status"], refused["type"])
        others = await sent(site.moderator)
        taken = problem(await site.editor.send("PUT", "/me/avatar", others))
        assert (409, "/problems/nothing-sent") == (taken["status"], taken["type"])
        assert before == (await site.editor.send("GET", "/me/avatar")).content


async def test_the_log_is_told_nothing_of_it(database: str, tmp_path: Path) -> None:
    async with in_process(database, tmp_path, projector=False) as site:
        owner = await connect(database, "test owner")
        before = await owner.fetchval("select count(*) from log.event")
        await given(site.editor)
        await site.editor.send("DELETE", "/me/avatar")
        assert before == await owner.fetchval("select count(*) from log.event")
        await owner.close()


async def test_anyone_who_is_erased_leaves_no_byte_of_it(database: str, tmp_path: Path) -> None:
    async with in_process(database, tmp_path, projector=False) as site:
        chief = await administrated(site, database)
        await given(site.editor)
        await registered(site.editor, written("PNG"))  # what was given to the encyclopedia stays
        large = padded(FILE, PART + 1)
        for who in (site.editor, site.moderator):
            await sent_picture(who, FILE, "image/jpeg")
            begun = await who.done("POST", "/media/uploads", announced(large, "image/jpeg"))
            await send_parts(site.client, begun, large, 1)
        assert 8 == len(waiting(tmp_path))
        account = await account_of(site.editor)
        owner = await connect(database, "test owner")
        await owner.execute("update auth.session set proved_at = clock_timestamp()")
        gone = await chief.send("DELETE", f"/accounts/{account}", {"reason": "asked"})
        assert 204 == gone.status_code, gone.text
        await left_alone(tmp_path, 0)
        await forgotten(owner)
        await owner.close()
        chiefs = await account_of(chief)
        async with asyncio.timeout(30):
            while len(left := waiting(tmp_path)) != 4:  # noqa: ASYNC110 - what removes them is a task of its own
                await asyncio.sleep(0.02)
        assert [] == [path for path in left if chiefs not in str(path)]
        assert 1 == len(list((tmp_path / "media" / "objects" / "pictures").rglob("*.png")))


async def test_what_a_process_left_that_died_on_the_way_is_removed(database: str, tmp_path: Path) -> None:
    """It had written its file and told nobody yet, long ago; or it was about to remove one."""
    owner = await connect(database, "test owner")
    storage = FileStorage(tmp_path / "media")
    for name, facts in {"begun": "now() - interval '16 minutes', null", "taken": "now(), now()"}.items():
        key = f"avatars/{name}.png"
        await storage.put(key, _once(written("PNG")), media_type="image/png")
        await owner.execute(
            f"insert into auth.avatar (key, type, made_at, removed_at) values ($1, 'image/png', {facts})", key
        )
    assert 2 == len(files(tmp_path))
    async with in_process(database, tmp_path, projector=False):
        await left_alone(tmp_path, 0)
        await forgotten(owner)
    await owner.close()


async def _once(data: bytes) -> Any:
    yield data
