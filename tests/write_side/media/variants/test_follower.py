"""Whatever happens to pictures, in any order: storage has the variants of those that are shown, no other."""

import asyncio
import random
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID

import pytest

from events.base import Event
from events.content.localized import Localized
from events.media import MediaDescribed
from kit.checkout import ROOT
from kit.pictures.variants import STORED, Focus, folder_of, variants
from kit.storage.files import FileStorage
from kit.storage.objects import ObjectPage, OpenObject, StorageAway
from tests.given.lives import random_lives, store
from tests.given.media.kept import BACK, GONE, KeptPicture, names_in, pointed
from tests.projections.driving import projector
from tests.servers.beside import beside
from tests.write_side.media.variants.following import caught_up, following
from write_side.media.aggregate import MEDIA, MediaState
from write_side.media.variants.files import wanted
from write_side.media.variants.late import late_pictures


def state_after(picture: KeptPicture, *events: Event) -> MediaState:
    state = MEDIA.evolve(None, picture.registered)
    for event in events:
        state = MEDIA.evolve(state, event)
    return state


async def keys_in(storage: FileStorage) -> list[str]:
    return [one.key for one in (await storage.list(STORED)).objects]


async def test_a_picture_gets_its_variants_and_a_moved_point_another_square(
    database: str, tmp_path: Path
) -> None:
    storage, one = FileStorage(tmp_path), KeptPicture(1, (700, 400))
    await one.keep(storage)
    await one.tell(database, one.registered)
    await store(database, random_lives(1, articles=2, steps=10))
    await caught_up(database, storage)
    kept = one.registered.key.rpartition("/")[2].partition(".")[0]
    expected = {each.name(kept) for each in variants(700, 400, Focus())}
    assert expected == set(await names_in(storage))
    assert 4 * 3 == len(expected)
    written = {path: path.stat().st_mtime_ns for path in (tmp_path / "objects" / "variants").rglob("*-w*")}
    await one.tell(database, pointed(10, 1000))
    await caught_up(database, storage)
    assert {each.name(kept) for each in variants(700, 400, Focus(10, 1000))} == set(await names_in(storage))
    assert written == {path: path.stat().st_mtime_ns for path in written}, (
        "those that stay are not made again"
    )


async def test_of_two_pictures_with_the_same_bytes_one_is_suppressed(database: str, tmp_path: Path) -> None:
    storage, one, other = FileStorage(tmp_path), KeptPicture(1), KeptPicture(2)
    assert one.registered.key == other.registered.key
    await one.keep(storage)
    await one.tell(database, one.registered, GONE)
    await other.tell(database, other.registered)
    await caught_up(database, storage)
    assert {*wanted(other.stream, state_after(other))} == {*await keys_in(storage)}


@pytest.mark.parametrize("seed", range(3))
async def test_any_order_of_what_happens_leaves_the_right_files(
    database: str, tmp_path: Path, seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311 - repeatable, not secret
    storage, pictures = FileStorage(tmp_path), [KeptPicture(number) for number in range(3)]
    happened: dict[int, list[Event]] = {number: [] for number in range(3)}
    await pictures[0].keep(storage)
    for number, picture in enumerate(pictures):
        await picture.tell(database, picture.registered)
        for _ in range(4):
            event = chance.choice(
                [GONE, BACK, pointed(chance.randint(0, 1000), chance.randint(0, 1000)),
                 MediaDescribed(alt=Localized(en="A biplane"))]
            )  # fmt: skip
            await picture.tell(database, event)
            happened[number].append(event)
        if chance.random() < 0.5:
            await caught_up(database, storage, window=chance.randint(1, 3))
    await caught_up(database, storage, window=2)
    expected = set[str]()
    for number, picture in enumerate(pictures):
        expected |= wanted(picture.stream, state_after(picture, *happened[number])).keys()
    assert expected == {*await keys_in(storage)}


async def test_storage_that_is_away_is_waited_for_and_that_is_said(database: str, tmp_path: Path) -> None:
    class Away(FileStorage):
        away = True

        async def list(self, prefix: str = "", after: str = "", most: int = 1000) -> ObjectPage:
            if self.away:
                raise StorageAway("no answer")
            return await super().list(prefix, after, most)

    storage, one = Away(tmp_path), KeptPicture(1)
    await one.keep(storage)
    await one.tell(database, one.registered)
    async with following(database, storage) as follower, beside(follower.step()) as (step,):
        async with asyncio.timeout(30):
            while not follower.reason:  # noqa: ASYNC110 - it is a text
                await asyncio.sleep(0.01)
        assert "storage: no answer" == follower.reason
        storage.away = False
        async with asyncio.timeout(10):
            assert await step
        assert "" == follower.reason
    assert {*wanted(one.stream, state_after(one))} == {*await keys_in(storage)}


async def test_a_picture_that_cannot_be_made_of_keeps_nobody_else_waiting(
    database: str, tmp_path: Path
) -> None:
    storage, lost, broken, good = (
        FileStorage(tmp_path),
        KeptPicture(1, (9, 9)),
        KeptPicture(2, (8, 8)),
        KeptPicture(3),
    )
    broken.file = b"no picture"
    for one in (broken, good):
        await one.keep(storage)
    for one in (lost, broken, good):
        await one.tell(database, one.registered)
    await caught_up(database, storage)
    assert {*wanted(good.stream, state_after(good))} == {*await keys_in(storage)}


class Failing(FileStorage):
    """A storage that fails whenever it is asked for one file."""

    key = ""

    @asynccontextmanager
    async def open(self, key: str, first: int = 0, last: int | None = None) -> AsyncIterator[OpenObject]:
        if key == self.key:
            raise StorageAway("S3 answers InternalError")
        async with super().open(key, first, last) as opened:
            yield opened


async def late_ones(dsn: str) -> dict[UUID, tuple[str, int]]:
    """Return why pictures are set aside, and how often they were tried."""
    async with projector(dsn) as connection:
        return {one.picture: (one.reason, one.tries) for one in await late_pictures(connection)}


async def all_due(dsn: str) -> None:
    async with projector(dsn) as connection:
        await connection.execute("update project.late_variants set next_at = clock_timestamp()")


async def test_one_picture_whose_storage_fails_is_set_aside_and_the_others_go_on(
    database: str, tmp_path: Path
) -> None:
    """It is kept through a restart, tried again, and forgotten when it is as it has to be."""
    storage, bad, good = Failing(tmp_path), KeptPicture(1, (9, 9)), KeptPicture(2)
    storage.key = bad.registered.key
    for one in (bad, good):
        await one.keep(storage)
        await one.tell(database, one.registered)
    async with asyncio.timeout(60), following(database, storage) as follower:
        while await follower.step():
            pass
        assert follower.reason == "1 set aside, to be tried again: storage: S3 answers InternalError"
    assert {*wanted(good.stream, state_after(good))} == {*await keys_in(storage)}
    assert {bad.stream: ("storage: S3 answers InternalError", 1)} == await late_ones(database)
    async with following(database, storage) as follower:  # another process
        assert follower.reason.startswith("1 set aside")
        assert not await follower.step(), "its time has not come"
        await all_due(database)
        assert await follower.step()
        assert {bad.stream: ("storage: S3 answers InternalError", 2)} == await late_ones(database)
        storage.key = ""
        await all_due(database)
        assert await follower.step()
        assert "" == follower.reason
    assert {} == await late_ones(database)
    both = {*wanted(good.stream, state_after(good)), *wanted(bad.stream, state_after(bad))}
    assert both == {*await keys_in(storage)}


async def test_a_file_that_comes_back_and_a_picture_that_is_suppressed_wait_no_longer(
    database: str, tmp_path: Path
) -> None:
    storage, lost, gone = FileStorage(tmp_path), KeptPicture(1, (9, 9)), KeptPicture(2, (8, 8))
    for one in (lost, gone):
        await one.tell(database, one.registered)
    await caught_up(database, storage)
    missing = ("the file that is kept is missing", 1)
    assert {lost.stream: missing, gone.stream: missing} == await late_ones(database)
    await gone.tell(database, GONE)
    await caught_up(database, storage)
    assert {lost.stream: missing} == await late_ones(database)
    await lost.keep(storage)
    await all_due(database)
    await caught_up(database, storage)
    assert {} == await late_ones(database)
    assert {*wanted(lost.stream, state_after(lost))} == {*await keys_in(storage)}


@pytest.mark.prove
@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_follower_that_is_killed_between_any_two_steps_goes_on_there(
    database: str, tmp_path: Path, when: str
) -> None:
    storage, one, gone = FileStorage(tmp_path), KeptPicture(1, (700, 400)), KeptPicture(2)
    for each in (one, gone):
        await each.keep(storage)
    await gone.tell(database, gone.registered)
    await one.tell(database, one.registered, pointed(1, 2))
    await caught_up(database, storage)
    await gone.tell(database, GONE)
    await one.tell(database, pointed(3, 4), GONE, BACK, pointed(5, 6))
    for key in await keys_in(storage):
        if key.startswith(folder_of(one.stream)) and "-w" in key:
            await storage.delete(key)
    written, deaths = list[str](), 0
    while True:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.write_side.media.variants.following",
            database, str(tmp_path), "2", when,
            stdout=asyncio.subprocess.PIPE, cwd=ROOT,
        )  # fmt: skip
        said, _ = await process.communicate()
        written += [line for line in said.decode().split() if line.startswith(STORED)]
        if process.returncode == 0:
            break
        assert -9 == process.returncode
        deaths += 1
        assert deaths < 60, "it does not go on"
    assert deaths > 10
    expected = wanted(one.stream, state_after(one, pointed(5, 6)))
    assert {*expected} == {*await keys_in(storage)}
    assert sorted(expected) == sorted(written), "each was written once, although it was killed meanwhile"
