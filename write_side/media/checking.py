"""Compares the pictures that the log tells of with what the storage holds."""

from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any, NamedTuple

from events.codec import Codec
from events.media import MediaRegistered
from kit import clock
from kit.storage.copying import objects_of, sha256_of
from kit.storage.objects import ObjectMissing, Storage
from write_side.media.keys import KEPT

ON_ITS_WAY = timedelta(days=1)
"""A file is kept before the log tells of it: one that is younger than this may not be in the log yet."""

_REGISTERED = "select schema, payload from log.event where type = $1"


class MediaFinding(NamedTuple):
    """Something that is not as the log tells."""

    what: str
    """missing and differs are faults; beyond: the log tells of no such file."""
    key: str
    size: int
    """Bytes, as the log tells them, or of a file beyond it."""


FAULTS = frozenset({"missing", "differs"})


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


def named_hash(key: str) -> str:
    """Return the SHA-256 that the key of a kept picture tells; empty: it is no such key."""
    return key.rpartition("/")[2].partition(".")[0] if key.startswith(KEPT) else ""


async def checked(
    storage: Storage,
    read_log: Callable[[], Any],
    told: Callable[[str, int, int], None],
    *,
    every_byte: bool = False,
) -> AsyncIterator[MediaFinding]:
    """Yield what is missing, what differs, and what is there beyond the log.

    Args:
        storage: holds the files.
        read_log: returns what `in_log` does; it is called when the storage has been listed.
        told: is told the step, how much of it is done, and how much there is.
        every_byte: read each file and compare its SHA-256 with its name.

    Raises:
        StorageAway: it cannot be asked now.
    """
    held = {one.key: one for one in await objects_of(storage)}
    log: dict[str, int] = await read_log()
    for number, (key, size) in enumerate(sorted(log.items()), 1):
        told("check", number, len(log))
        there = held.get(key) or await storage.head(key)  # it may have come after the list was made
        if there is None:
            yield MediaFinding("missing", key, size)
        elif there.size != size or (every_byte and await _hash_of(storage, key) != named_hash(key)):
            yield MediaFinding("differs", key, size)
    young = (clock.now() - ON_ITS_WAY).timestamp()
    for key, one in held.items():
        # The log tells neither of variants, which are made of pictures, nor of pictures of people.
        if key not in log and key.startswith(KEPT) and (one.written is None or one.written < young):
            yield MediaFinding("beyond", key, one.size)


async def deleted(storage: Storage, key: str, read_log: Callable[[], Any]) -> bool:
    """Remove a file beyond the log, unless it was kept again meanwhile or the log tells of it now."""
    (one, *_) = (*(await storage.list(key)).objects, None)
    young = (clock.now() - ON_ITS_WAY).timestamp()
    if one is None or (one.written is not None and one.written >= young) or key in await read_log():
        return False
    await storage.delete(key)
    return True


async def _hash_of(storage: Storage, key: str) -> str:
    try:
        return await sha256_of(storage, key)
    except ObjectMissing:
        return ""
