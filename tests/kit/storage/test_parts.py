"""What every storage does with an object that comes in parts, the file system and S3 alike.

The S3 is moto's server, which holds parts, lists them and joins them, and looks at no signature: what an
address allows is proved where s3rver checks it (`test_s3_signatures`).
"""

import asyncio
import hashlib
import time
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from kit.storage.files import FileStorage
from kit.storage.objects import ObjectMissing, Storage
from kit.storage.parts import PART, FilePart, PartsMissing, parts_of
from tests.kit.storage.conftest import Putting
from tests.kit.storage.test_contract import KEY, read

FILE = bytes(range(256)) * ((2 * PART + 1024) // 256)
PARTS = parts_of(len(FILE))


def of(part: FilePart) -> bytes:
    return FILE[part.first : part.first + part.size]


def gone(storage: Storage) -> int:
    """Return what is answered to a part of an upload that is no more; moto stumbles over it."""
    return 404 if isinstance(storage, FileStorage) else 500


async def begun(storage: Storage, key: str = KEY) -> str:
    return await storage.parts.begin(key, media_type="image/png")


async def sent(storage: Storage, put: Putting, upload: str, *parts: FilePart) -> None:
    """Send parts at once, to addresses asked for just then."""
    addresses = [await storage.parts.address(KEY, upload, one) for one in parts]
    answers = await asyncio.gather(*(put(url, of(one)) for url, one in zip(addresses, parts, strict=True)))
    assert {200, 204}.issuperset(answers)


async def test_a_file_is_made_of_parts_that_came_in_any_order_at_once_and_twice(
    storage: Storage, put: Putting
) -> None:
    upload = await begun(storage)
    assert {} == await storage.parts.arrived(KEY, upload)
    await sent(storage, put, upload, PARTS[2])
    assert {3: 1024} == await storage.parts.arrived(KEY, upload)
    await sent(storage, put, upload, PARTS[1], PARTS[0], PARTS[2])
    assert {1: PART, 2: PART, 3: 1024} == await storage.parts.arrived(KEY, upload)
    assert await storage.head(KEY) is None
    assert () == tuple((await storage.list()).objects)
    await storage.parts.join(KEY, upload, PARTS)
    known = await storage.head(KEY)
    assert (KEY, len(FILE), "image/png") == (known and known[:3])
    assert hashlib.sha256(FILE).digest() == hashlib.sha256(await read(storage, KEY)).digest()
    assert [] == [one async for one in storage.parts.unfinished()]


async def test_what_is_missing_is_named_and_the_upload_stays(storage: Storage, put: Putting) -> None:
    upload = await begun(storage)
    await sent(storage, put, upload, PARTS[1])
    with pytest.raises(PartsMissing) as lacking:
        await storage.parts.join(KEY, upload, PARTS)
    assert [1, 3] == lacking.value.numbers
    assert await storage.head(KEY) is None
    await sent(storage, put, upload, PARTS[0], PARTS[2])
    await storage.parts.join(KEY, upload, PARTS)
    assert FILE == await read(storage, KEY)


async def test_a_part_of_another_length_is_no_part(storage: Storage, put: Putting) -> None:
    """A storage that checks the length refuses it; one that does not has a part that counts for nothing."""
    upload = await begun(storage)
    await sent(storage, put, upload, *PARTS[:2])
    url = await storage.parts.address(KEY, upload, PARTS[2])
    for other in (of(PARTS[2])[1:], of(PARTS[2]) + b"x"):
        answer = await put(url, other)
        assert (400 if isinstance(storage, FileStorage) else 200) == answer
        with pytest.raises(PartsMissing) as lacking:
            await storage.parts.join(KEY, upload, PARTS)
        assert [3] == lacking.value.numbers


async def test_an_upload_that_was_joined_is_gone_and_joining_it_again_says_so(
    storage: Storage, put: Putting
) -> None:
    upload = await begun(storage)
    url = await storage.parts.address(KEY, upload, PARTS[2])
    await sent(storage, put, upload, *PARTS)
    await storage.parts.join(KEY, upload, PARTS)
    with pytest.raises(ObjectMissing):
        await storage.parts.join(KEY, upload, PARTS)
    with pytest.raises(ObjectMissing):
        await storage.parts.arrived(KEY, upload)
    assert gone(storage) == await put(url, of(PARTS[2]))
    assert FILE == await read(storage, KEY)


async def test_who_joins_at_once_makes_one_whole_file(storage: Storage, put: Putting) -> None:
    upload = await begun(storage)
    await sent(storage, put, upload, *PARTS)
    joining = (storage.parts.join(KEY, upload, PARTS) for _ in range(5))
    told = await asyncio.gather(*joining, return_exceptions=True)
    assert None in told
    assert {type(None), ObjectMissing}.issuperset(map(type, told))
    assert FILE == await read(storage, KEY)
    assert [] == [one async for one in storage.parts.unfinished()]


async def test_what_was_dropped_is_gone_and_takes_no_part_any_more(storage: Storage, put: Putting) -> None:
    upload, other = await begun(storage), await begun(storage)
    url = await storage.parts.address(KEY, upload, PARTS[0])
    await sent(storage, put, upload, PARTS[0])
    await sent(storage, put, other, PARTS[1])
    for _ in range(2):
        await storage.parts.drop(KEY, upload)
    assert gone(storage) == await put(url, of(PARTS[0]))
    with pytest.raises(ObjectMissing):
        await storage.parts.arrived(KEY, upload)
    assert {2: PART} == await storage.parts.arrived(KEY, other)


async def test_what_is_unfinished_is_told_with_its_time(storage: Storage) -> None:
    begun_at = time.time()
    keys = ["a/a.png", "a/b.png", "b/a.png"]
    names = {(key, await begun(storage, key)) for key in keys}
    found = [one async for one in storage.parts.unfinished()]
    assert names == {(one.key, one.upload) for one in found}
    if isinstance(storage, FileStorage):  # moto says of each that it was begun in 2010
        assert all(begun_at - 60 < one.begun < time.time() + 60 for one in found)
    assert ["a/a.png", "a/b.png"] == sorted([one.key async for one in storage.parts.unfinished("a/")])
    assert () == tuple((await storage.list()).objects)


async def test_an_address_allows_one_part_of_one_upload_for_fifteen_minutes(storage: Storage) -> None:
    upload = await begun(storage)
    first, second = [await storage.parts.address(KEY, upload, one) for one in PARTS[:2]]
    assert first != second
    query = parse_qs(urlsplit(first).query)
    if isinstance(storage, FileStorage):
        assert "/parts/1" == urlsplit(first).path
        assert {"policy", "signature"} == set(query)
    else:
        assert ["1"] == query["partNumber"]
        assert [upload] == query["uploadId"]
        assert ["900"] == query["X-Amz-Expires"]
        assert ["content-length;host"] == query["X-Amz-SignedHeaders"]


@pytest.mark.parametrize("size", [1, PART - 1, PART, PART + 1, 3 * PART])
def test_parts_cover_a_file_without_gap_and_overlap(size: int) -> None:
    parts = parts_of(size)
    assert list(range(1, len(parts) + 1)) == [one.number for one in parts]
    assert size == sum(one.size for one in parts)
    assert [sum(one.size for one in parts[:n]) for n in range(len(parts))] == [one.first for one in parts]
    assert {PART} >= {one.size for one in parts[:-1]}
    assert 0 < parts[-1].size <= PART


async def test_parts_are_no_objects_of_the_folder_and_leave_nothing(
    tmp_path: Path,
) -> None:
    async with FileStorage(tmp_path, b"x" * 32) as files:
        upload = await begun(files)
        assert [f"parts/{KEY}/{upload}/type"] == left(tmp_path)
        await files.parts.drop(KEY, upload)
        assert [] == left(tmp_path)


def left(folder: Path) -> list[str]:
    return [path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()]
