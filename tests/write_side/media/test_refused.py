"""A file that is no picture goes at once; who confirms it again is told the same for a day."""

import asyncio
import hashlib
from pathlib import Path
from typing import Any

import pytest

from kit.storage.files import FileStorage
from kit.storage.parts import PART
from tests.given.media.pictures import written
from tests.given.media.sending import announced, confirm, padded, sent, submit
from tests.servers.running import Site, in_process, problem

DRAWING = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"
BROKEN = written("PNG")[:-30]

REFUSED: dict[str, tuple[bytes, dict[str, Any], str]] = {
    "a drawing": (DRAWING, {}, "picture-refused"),
    "a broken one": (BROKEN, {}, "picture-refused"),
    "another type": (written("PNG"), {"type": "image/jpeg"}, "other-file"),
    "a large one": (padded(DRAWING, PART + 1_000), {}, "picture-refused"),
}


async def gone(folder: Path) -> list[str]:
    """Return the endings of what waits, once no file does."""
    async with asyncio.timeout(30), FileStorage(folder / "media") as storage:
        while True:
            keys = [one.key for one in (await storage.list("uploads/")).objects]
            parts = [one async for one in storage.parts.unfinished()]
            if not parts and not [one for one in keys if not one.endswith(".refused")]:
                return [one.rpartition(".")[2] for one in keys]
            await asyncio.sleep(0.02)


def said(answer: Any) -> dict[str, Any]:
    """Return a problem but for what differs in each answer."""
    return {name: value for name, value in problem(answer).items() if name != "request_id"}


@pytest.mark.parametrize("why", REFUSED)
async def test_a_file_that_was_refused_goes_at_once_and_is_told_the_same_again(
    database: str, tmp_path: Path, why: str
) -> None:
    file, other, type_ = REFUSED[why]
    async with in_process(database, tmp_path, projector=False) as site:
        upload = await sent(site.editor, file, **other)
        first = await confirm(site.editor, upload, file)
        assert (422, f"/problems/{type_}") == (first.status_code, problem(first)["type"])
        assert ["refused"] == await gone(tmp_path)
        assert said(first) == said(await confirm(site.editor, upload, file))
        assert 409 == (await confirm(site.moderator, upload, file)).status_code
        wish = {"upload": upload, "sha256": "1" * 64}
        assert 409 == (await site.editor.send("POST", "/media", wish)).status_code
        assert 404 == (await site.editor.send("GET", f"/media/uploads/{upload}")).status_code


async def test_a_picture_of_oneself_that_was_refused_goes_as_well(database: str, tmp_path: Path) -> None:
    async with in_process(database, tmp_path, projector=False) as site:
        begun = await site.editor.done("POST", "/me/avatar/uploads", announced(DRAWING))
        assert 204 == (await submit(site.client, begun, DRAWING)).status_code
        wish = {"upload": begun["id"], "sha256": hashlib.sha256(DRAWING).hexdigest()}
        first = await site.editor.send("PUT", "/me/avatar", wish)
        assert 422 == first.status_code
        assert ["refused"] == await gone(tmp_path)
        assert said(first) == said(await site.editor.send("PUT", "/me/avatar", wish))


async def test_who_sent_the_wrong_file_can_send_the_right_one_by_the_same_form(
    database: str, tmp_path: Path
) -> None:
    right = written("PNG")
    wrong = right[:-1] + b"x"
    async with in_process(database, tmp_path, projector=False) as site:
        begun = await site.editor.done("POST", "/media/uploads", announced(right))
        assert 204 == (await submit(site.client, begun, wrong)).status_code
        refused = problem(await confirm(site.editor, begun["id"], right))
        assert (422, "/problems/other-file") == (refused["status"], refused["type"])
        assert 204 == (await submit(site.client, begun, right)).status_code
        assert 201 == (await confirm(site.editor, begun["id"], right)).status_code


async def confirmed_twice(site: Site, upload: str, file: bytes) -> list[int]:
    answers = await asyncio.gather(*(confirm(site.editor, upload, file) for _ in range(2)))
    return [one.status_code for one in answers]


async def test_who_confirms_it_at_the_same_time_is_told_the_same(database: str, tmp_path: Path) -> None:
    async with in_process(database, tmp_path, projector=False) as site:
        for _ in range(5):
            upload = await sent(site.editor, DRAWING)
            assert [422, 422] == await confirmed_twice(site, upload, DRAWING)
