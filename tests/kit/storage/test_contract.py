"""What every storage does, the file system and S3 alike.

The S3 is moto's server: it proves that our requests are understood, and checks no signature. With
FRANKENJET_TEST_S3_URL the same tests run against any other.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator

import aioboto3
import pytest

from kit.storage.files import FileStorage
from kit.storage.objects import ObjectMissing, OtherBytes, OutOfRange, Storage, StoredObject, checked
from kit.storage.s3 import S3Storage
from tests.kit.storage.conftest import Sending

KEY = "originals/ab/abc.png"
TEXT = b"0123456789"
SHA256 = hashlib.sha256(TEXT).hexdigest()


async def pieces(*given: bytes) -> AsyncIterator[bytes]:
    for one in given:
        yield one


async def read(storage: Storage, key: str, first: int = 0, last: int | None = None) -> bytes:
    async with storage.open(key, first, last) as opened:
        return b"".join([piece async for piece in opened.pieces])


async def test_what_was_put_is_read_and_known(storage: Storage) -> None:
    put = await storage.put(KEY, pieces(TEXT[:4], TEXT[4:]), media_type="image/png", sha256=SHA256)
    assert StoredObject(KEY, 10, "image/png", SHA256) == put == await storage.head(KEY)
    assert await read(storage, KEY) == TEXT
    async with storage.open(KEY) as opened:
        assert put == opened.object


async def test_ranges_are_read(storage: Storage) -> None:
    await storage.put(KEY, pieces(TEXT), media_type="image/png")
    assert await read(storage, KEY, 3, 5) == b"345"
    assert await read(storage, KEY, 7) == b"789"
    assert await read(storage, KEY, 7, 100) == b"789"
    async with storage.open(KEY, 3, 5) as opened:
        assert 10 == opened.object.size
    with pytest.raises(OutOfRange):
        await read(storage, KEY, 10)


async def test_an_empty_object_is_one(storage: Storage) -> None:
    await storage.put(KEY, pieces(), media_type="image/png")
    assert b"" == await read(storage, KEY)


async def test_what_is_not_there_is_told(storage: Storage) -> None:
    assert await storage.head(KEY) is None
    with pytest.raises(ObjectMissing):
        await read(storage, KEY)
    await storage.delete(KEY)


async def test_what_was_deleted_is_gone(storage: Storage) -> None:
    await storage.put(KEY, pieces(TEXT), media_type="image/png")
    await storage.delete(KEY)
    assert await storage.head(KEY) is None
    assert () == tuple((await storage.list()).objects)


async def test_other_bytes_than_promised_change_nothing(storage: Storage) -> None:
    await storage.put(KEY, pieces(TEXT), media_type="image/png")
    for other in (pieces(b"other"), pieces(bytes(9 * 1024 * 1024))):
        with pytest.raises(OtherBytes):
            await storage.put(KEY, other, media_type="image/png", sha256=SHA256)
    assert await read(storage, KEY) == TEXT


async def test_a_large_object_goes_in_parts_and_comes_back_whole(storage: Storage) -> None:
    piece = bytes(range(256)) * 4096
    large = piece * 17
    sha256 = hashlib.sha256(large).hexdigest()
    put = await storage.put(KEY, pieces(*[piece] * 17), media_type="image/png", sha256=sha256)
    assert (len(large), sha256) == (put.size, put.sha256)
    assert put == await storage.head(KEY)
    assert sha256 == hashlib.sha256(await read(storage, KEY)).hexdigest()


async def test_a_put_that_is_given_up_leaves_nothing(storage: Storage) -> None:
    async def endless() -> AsyncIterator[bytes]:
        yield TEXT
        await asyncio.sleep(60)

    task = asyncio.create_task(storage.put(KEY, endless(), media_type="image/png"))
    await asyncio.sleep(0.2)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await storage.head(KEY) is None


async def test_lists_are_in_the_order_of_keys_and_come_in_pages(storage: Storage) -> None:
    keys = ["a-b/c.png", "a/b.png", "a/b/c.png", "a/c.png", "a_b.png", "b/a.png"]
    for key in reversed(keys):
        await storage.put(key, pieces(TEXT), media_type="image/png")
    found, after = list[str](), ""
    while True:
        page = await storage.list(after=after, most=2)
        assert 2 >= len(page.objects)
        found += [one.key for one in page.objects]
        if page.after is None:
            break
        after = page.after
    assert sorted(keys) == found
    assert ["a/b.png", "a/b/c.png", "a/c.png"] == [one.key for one in (await storage.list("a/")).objects]
    assert ["a/b/c.png", "a/c.png"] == [one.key for one in (await storage.list("a/", "a/b.png")).objects]


async def test_names_that_are_no_keys_are_not_told_and_hide_nothing(storage: Storage) -> None:
    """Others leave files everywhere: .DS_Store, notes, what another program keeps in the same bucket."""
    keys = ["a/a.png", "a/c.png", "b/a.png"]
    for key in keys:
        await storage.put(key, pieces(TEXT), media_type="image/png")
    for name in ("a/.DS_Store", "a/B b.txt", "a/b", "a/тест.png", "b/d.d/e.png"):
        await strange(storage, name)
    found, after = list[str](), ""
    while True:
        page = await storage.list(after=after, most=1)
        found += [one.key for one in page.objects]
        if page.after is None:
            break
        after = page.after
    assert keys == found


async def strange(storage: Storage, name: str) -> None:
    """Put an object under a name that we would not give it."""
    if isinstance(storage, FileStorage):
        path = storage.folder / "objects" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(TEXT)
    else:
        assert isinstance(storage, S3Storage)
        place = storage.place
        keys = {"aws_access_key_id": place.access_key, "aws_secret_access_key": place.secret_key}
        session = aioboto3.Session(**keys, region_name=place.region)
        async with session.client("s3", endpoint_url=place.endpoint) as s3:
            await s3.put_object(Bucket=place.bucket, Key=name, Body=TEXT)


async def test_who_writes_the_same_key_at_once_leaves_one_whole_object(storage: Storage) -> None:
    ours = isinstance(storage, FileStorage)  # moto does one thing after the other, so that it is asked less
    texts = [bytes([number]) * (number + 1) for number in range(24 if ours else 4)]
    for _ in range(20 if ours else 2):
        puts = (storage.put(KEY, pieces(one), media_type=f"image/x{len(one)}") for one in texts)
        await asyncio.gather(*puts)
        bytes_, known = await read(storage, KEY), await storage.head(KEY)
        assert bytes_ in texts
        sha256 = hashlib.sha256(bytes_).hexdigest()
        assert StoredObject(KEY, len(bytes_), f"image/x{len(bytes_)}", sha256) == known


async def test_a_form_is_taken(storage: Storage, send: Sending) -> None:
    form = await storage.form(KEY, media_type="image/png", size=len(TEXT))
    assert 204 == await send(form, TEXT)
    known = await storage.head(KEY)
    assert (KEY, 10, "image/png") == (known and known[:3])
    assert await read(storage, KEY) == TEXT


@pytest.mark.parametrize(
    "key", ["../a.png", "a//b.png", "/a.png", "a/../b.png", "A.png", "a", "a/b", "a.d/b.png", "a\0.png", ""]
)
async def test_what_is_no_key_is_refused_everywhere(storage: Storage, key: str) -> None:
    with pytest.raises(ValueError, match="no key"):
        checked(key)
    with pytest.raises(ValueError, match="no key"):
        await storage.put(key, pieces(TEXT), media_type="image/png")
    with pytest.raises(ValueError, match="no key"):
        await storage.head(key)
