"""Compares the pictures that the log tells of with what the storage holds."""

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable, Mapping
from datetime import timedelta
from typing import Any, NamedTuple

from events.codec import Codec
from events.media import MediaRegistered
from kit import clock
from kit.storage.copying import objects_of, sha256_of
from kit.storage.objects import ObjectMissing, Storage, StoredObject
from write_side.media.keys import AVATARS, KEPT
from write_side.media.waiting.parts import left_unfinished

ON_ITS_WAY = timedelta(days=1)
"""A file is kept before the log tells of it: one that is younger than this may not be in the log yet."""

_OF_PEOPLE = "select key from auth.avatar"

_REGISTERED = "select schema, payload from log.event where type = $1"


class MediaFinding(NamedTuple):
    """Something that is not as the log tells."""

    what: str
    """missing and differs are faults; beyond: it is no picture of the log, and nobody's of himself;
    unfinished: parts of a file that was begun a day ago."""
    key: str
    size: int
    """Bytes, as the log tells them, or of a file beyond it; 0 of what is unfinished."""
    upload: str = ""
    """Of what is unfinished: its name in the storage."""


FAULTS = frozenset({"missing", "differs"})

BEYOND = frozenset({"beyond", "unfinished"})
"""What the log needs nothing of: it can be removed."""


async def in_log(connection: Any, codec: Codec) -> dict[str, int]:
    """Return key and size of every picture that was ever registered, suppressed ones as well.

    Args:
        connection: may read the log, and is in no transaction.
        codec: reads events.
    """
    found = dict[str, int]()
    async with connection.transaction(readonly=True):
        async for row in connection.cursor(_REGISTERED, MediaRegistered.TYPE, prefetch=1000):
            event = codec.decode(MediaRegistered.TYPE, row["schema"], row["payload"])
            assert isinstance(event, MediaRegistered)  # noqa: S101 - for the type checker
            found[event.key] = event.size
    return found


async def of_people(connection: Any) -> set[str]:
    """Return the keys of the pictures that people have of themselves.

    Each has its row before it is written and until it is removed. One that was listed before and has none is
    nobody's: of an account that was erased, and come back from another storage, or from a backup.

    Args:
        connection: of the reader's role.
    """
    return {row["key"] for row in await connection.fetch(_OF_PEOPLE)}


async def nobodys(objects: Iterable[StoredObject], connection: Any) -> set[str]:
    """Return the keys of pictures of people among some that were listed which are nobody's."""
    listed = {one.key for one in objects if one.key.startswith(AVATARS)}
    return listed - await of_people(connection) if listed else set()


def named_hash(key: str) -> str:
    """Return the SHA-256 that the key of a kept picture tells; empty: it is no such key."""
    return key.rpartition("/")[2].partition(".")[0] if key.startswith(KEPT) else ""


async def checked(
    storage: Storage,
    read_log: Callable[[], Awaitable[Mapping[str, int]]],
    read_people: Callable[[], Awaitable[Collection[str]]],
    told: Callable[[str, int, int], None],
    *,
    every_byte: bool = False,
) -> AsyncIterator[MediaFinding]:
    """Yield what is missing, what differs, and what is there beyond the log, finished or not.

    Args:
        storage: holds the files.
        read_log: returns what `in_log` does; it is called when the storage has been listed.
        read_people: returns what `of_people` does; the same holds for it.
        told: is told the step, how much of it is done, and how much there is.
        every_byte: read each file and compare its SHA-256 with its name.

    Raises:
        StorageAway: it cannot be asked now.
    """
    held = {one.key: one for one in await objects_of(storage)}
    log, people = await read_log(), await read_people()
    for number, (key, size) in enumerate(sorted(log.items()), 1):
        told("check", number, len(log))
        there = held.get(key) or await storage.head(key)  # it may have come after the list was made
        if there is None:
            yield MediaFinding("missing", key, size)
        elif there.size != size or (every_byte and await _hash_of(storage, key) != named_hash(key)):
            yield MediaFinding("differs", key, size)
    for key, one in held.items():  # of neither are variants, which are made of pictures
        unknown = key.startswith(KEPT) and key not in log and not _young(one)
        if unknown or (key.startswith(AVATARS) and key not in people):
            yield MediaFinding("beyond", key, one.size)
    async for left in left_unfinished(storage, clock.now() - ON_ITS_WAY):
        yield MediaFinding("unfinished", left.key, 0, left.upload)


async def deleted(storage: Storage, found: MediaFinding) -> bool:
    """Remove what was found beyond the log, unless it was kept again meanwhile.

    Who registers a picture keeps its file first, so one that the log tells of since then is young.
    """
    if found.upload:
        await storage.parts.drop(found.key, found.upload)
        return True
    key = found.key
    (one, *_) = (*(await storage.list(key)).objects, None)
    if one is None or (key.startswith(KEPT) and _young(one)):
        return False
    await storage.delete(key)
    return True


def _young(one: StoredObject) -> bool:
    return one.written is not None and one.written >= (clock.now() - ON_ITS_WAY).timestamp()


async def _hash_of(storage: Storage, key: str) -> str:
    try:
        return await sha256_of(storage, key)
    except ObjectMissing:
        return ""
