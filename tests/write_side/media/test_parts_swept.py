"""What was sent in parts and never confirmed is removed after a day, from either storage."""

import json
import os
from pathlib import Path
from uuid import UUID

import pytest

from kit.ids import new_id
from kit.storage.files import LEFT_SECONDS, FileStorage
from kit.storage.objects import Storage
from kit.storage.opening import storage_at
from kit.storage.parts import PART
from tests.kit.storage.conftest import s3
from tests.kit.storage.test_contract import pieces
from tests.servers.nodes.s3_server import fresh_bucket
from tests.write_side.media.test_in_parts import left
from write_side.media.keys import announced_key, waiting_key
from write_side.media.waiting.sweeping import sweep

__all__ = ["s3"]

OLD = UUID("0190b0a0-0000-7000-8000-000000000000")


async def unfinished(storage: Storage, upload: UUID, *, said: bool = True) -> str:
    """Begin an upload under an id and send nothing; it may be one of which nothing is said."""
    account, sha256 = new_id(), "a" * 64
    key = waiting_key(upload, account, sha256)
    name = await storage.parts.begin(key, media_type="image/png")
    if said:
        told = {"upload": name, "sha256": sha256, "size": 2 * PART}
        data = pieces(json.dumps(told).encode())
        await storage.put(announced_key(upload, account), data, media_type="application/json")
    return key


@pytest.mark.parametrize("where", ["files", "s3"])
async def test_parts_that_nobody_confirmed_are_swept_after_a_day(
    tmp_path: Path, where: str, request: pytest.FixtureRequest
) -> None:
    place = fresh_bucket(request.getfixturevalue("s3")) if where == "s3" else None
    async with storage_at(place, tmp_path, b"x" * 32, "") as storage:
        await storage.ready()
        await unfinished(storage, OLD)
        await unfinished(storage, OLD, said=False)
        young = await unfinished(storage, new_id())
        others = await storage.parts.begin("others/a.png", media_type="image/png")
        assert 2 == await sweep(storage)
        left = {(one.key, one.upload) async for one in storage.parts.unfinished()}
        assert {young, "others/a.png"} == {key for key, _ in left}
        assert others in {upload for _, upload in left}
        assert 1 == len((await storage.list("uploads/")).objects)
        assert 0 == await sweep(storage)


async def test_parts_that_were_joined_and_never_confirmed_are_swept(tmp_path: Path) -> None:
    async with FileStorage(tmp_path / "media", b"x" * 32) as storage:
        await unfinished(storage, OLD)
        await storage.put(waiting_key(OLD, new_id(), "b" * 64), pieces(b"x"), media_type="image/png")
        assert 2 == await sweep(storage)
        assert [] == left(tmp_path)


async def test_what_a_killed_process_left_is_removed_after_a_day_by_the_sweep(tmp_path: Path) -> None:
    new = tmp_path / "new"
    new.mkdir()
    for name, age in (("old", LEFT_SECONDS + 60), ("young", 60)):
        (new / name).write_bytes(b"x")
        os.utime(new / name, times=((since := (new / name).stat().st_mtime - age), since))
    async with FileStorage(tmp_path) as files:
        await sweep(files)
        assert ["young"] == [path.name for path in new.iterdir()]


def folders(top: Path) -> list[Path]:
    return [path for path in top.rglob("*") if path.is_dir()]


async def test_folders_that_are_empty_for_a_day_are_removed_by_the_sweep(tmp_path: Path) -> None:
    """An upload that was given up, or a process that was killed, leaves some."""
    async with FileStorage(tmp_path, b"x" * 32) as files:
        confirmed, coming = new_id(), new_id()
        await files.put(waiting_key(new_id(), confirmed, "a" * 64), pieces(b"x"), media_type="image/png")
        for one in (await files.list("uploads/")).objects:
            await files.delete(one.key)
        young = await unfinished(files, coming)
        killed = tmp_path / "parts" / "uploads" / str(confirmed) / "never-begun.bin"
        killed.mkdir(parents=True)
        (emptied_today := tmp_path / "parts" / "uploads" / "today").mkdir()
        for folder in folders(tmp_path):
            if folder != emptied_today:
                since = folder.stat().st_mtime - LEFT_SECONDS - 60
                os.utime(folder, times=(since, since))
        await sweep(files)
        left = {path.relative_to(tmp_path).as_posix() for path in folders(tmp_path)}
        account = young.rpartition("/")[0]
        assert {f"{one}/{account}" for one in ("objects", "facts", "parts")} < left
        assert [] == [one for one in left if str(confirmed) in one]
        assert "parts/uploads/today" in left
        assert {young} == {one.key async for one in files.parts.unfinished()}
