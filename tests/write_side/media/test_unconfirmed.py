"""What an account sends and does not confirm has a bound in bytes; who reaches it is told what waits."""

import asyncio
import os
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from kit import clock
from kit.errors import Problem
from kit.ids import new_id
from kit.storage.files import FileStorage
from kit.storage.opening import storage_at
from kit.storage.parts import PART
from tests.given.media.pictures import written
from tests.given.media.sending import announced, confirm, sent
from tests.kit.storage.conftest import s3
from tests.kit.storage.test_contract import pieces
from tests.servers.nodes.s3_server import fresh_bucket
from tests.servers.running import in_process, problem
from write_side.media.keys import announced_key, refused_key, waiting_key
from write_side.media.waiting.unconfirmed import LEAST, MOST, MOST_BYTES, Unconfirmed

__all__ = ["s3"]

FILE = written("PNG")


def waiting(folder: Path, account: UUID, size: int) -> UUID:
    """Have a file of an account wait: one with nothing in it, of which the disk holds nothing."""
    place = folder / "objects" / waiting_key(upload := new_id(), account, "a" * 64)
    place.parent.mkdir(parents=True, exist_ok=True)
    place.touch()
    os.truncate(place, size)
    return upload


async def test_who_has_too_much_unconfirmed_is_told_what_and_until_when(
    database: str, tmp_path: Path
) -> None:
    async with in_process(database, tmp_path, projector=False) as site:
        first = await sent(site.editor, FILE)
        (folder,) = (tmp_path / "media" / "objects" / "uploads").iterdir()
        waiting(tmp_path / "media", account := UUID(folder.name), MOST - LEAST)
        for size in (len(FILE), PART + 1):
            answer = await site.editor.send("POST", "/media/uploads", announced(FILE) | {"size": size})
            refused = problem(answer)
            assert (429, "/problems/too-much-unconfirmed") == (refused["status"], refused["type"])
            told = refused["unconfirmed"]
            assert (2, MOST - LEAST + len(FILE)) == (told["files"], told["size"])
            assert (first, len(FILE)) == (told["first"][0]["id"], told["first"][0]["size"])
            ends = datetime.fromisoformat(told["first"][0]["kept_until"])
            assert timedelta(hours=23) < ends - clock.now() <= timedelta(days=1)
            assert 23 * 3600 < int(answer.headers["Retry-After"]) <= 24 * 3600
        await site.moderator.done("POST", "/media/uploads", announced(FILE))  # others are not concerned
        assert 201 == (await confirm(site.editor, first, FILE)).status_code
        await site.editor.done("POST", "/media/uploads", announced(FILE))
        assert account == UUID(folder.name)


async def test_what_was_announced_and_not_sent_counts_while_it_may_be(tmp_path: Path) -> None:
    async with FileStorage(tmp_path) as storage:
        unconfirmed, account = Unconfirmed(storage), new_id()
        uploads = [new_id() for _ in range(MOST // PART)]
        await asyncio.gather(*(unconfirmed.announce(account, one, PART) for one in uploads))
        with pytest.raises(Problem):
            await unconfirmed.announce(account, new_id(), 1)
        await unconfirmed.announce(new_id(), new_id(), 1)
        unconfirmed.forget(account, uploads[0])
        await unconfirmed.announce(account, new_id(), 1)


async def test_what_was_refused_counts_as_long_as_it_is_remembered(tmp_path: Path) -> None:
    """Else nobody could tell how many there are, and each announcement would take longer than the last."""
    async with FileStorage(tmp_path) as storage:
        unconfirmed, account = Unconfirmed(storage), new_id()
        for _ in range(3):
            key = refused_key(new_id(), account, "a" * 64)
            await storage.put(key, pieces(b"{}"), media_type="application/json")
        await unconfirmed.announce(account, new_id(), MOST - 4 * LEAST)
        await unconfirmed.announce(account, new_id(), 1)
        with pytest.raises(Problem):
            await unconfirmed.announce(account, new_id(), 1)


async def test_those_who_announce_at_once_get_no_more_together(tmp_path: Path) -> None:
    async with FileStorage(tmp_path) as storage:
        unconfirmed, account = Unconfirmed(storage), new_id()
        asked = (unconfirmed.announce(account, new_id(), PART) for _ in range(MOST // PART + 20))
        found = await asyncio.gather(*asked, return_exceptions=True)
        assert MOST // PART >= sum(one is None for one in found)
        assert {"too-much-unconfirmed"} == {one.type for one in found if isinstance(one, Problem)}


@pytest.mark.parametrize("where", ["files", "s3"])
async def test_a_large_file_counts_whole_while_its_parts_come_and_a_small_one_as_a_mebibyte(
    tmp_path: Path, where: str, request: pytest.FixtureRequest
) -> None:
    place = fresh_bucket(request.getfixturevalue("s3")) if where == "s3" else None
    async with storage_at(place, tmp_path, b"x" * 32, "") as storage:
        await storage.ready()
        account = new_id()
        for key in (announced_key(new_id(), account), waiting_key(new_id(), account, "a" * 64)):
            await storage.put(key, pieces(b"x"), media_type="image/png")
        await storage.put(waiting_key(new_id(), new_id(), "b" * 64), pieces(b"x"), media_type="image/png")
        unconfirmed = Unconfirmed(storage)
        await unconfirmed.announce(account, fits := new_id(), MOST - MOST_BYTES - LEAST)
        with pytest.raises(Problem) as refused:
            await unconfirmed.announce(account, new_id(), 1)
        assert 3 == refused.value.facts["unconfirmed"]["files"]
        unconfirmed.forget(account, fits)
        with pytest.raises(Problem):
            await unconfirmed.announce(account, new_id(), MOST - MOST_BYTES - LEAST + 1)
