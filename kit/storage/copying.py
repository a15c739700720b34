"""Copies what one storage holds into another one, object by object: what is there already is left alone."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import aclosing
from typing import NamedTuple

from kit.storage.objects import ObjectMissing, OtherBytes, Storage, StoredObject

AT_ONCE = 4
"""Objects that are copied at the same time."""

type NamedHash = Callable[[str], str]
"""From a key to the SHA-256 of its bytes that the key tells; empty: it tells none."""


class Copying(NamedTuple):
    """What became of one object."""

    key: str
    size: int
    what: str
    """copied, there (it was already), gone (it was removed meanwhile), or differs: its bytes are not those
    that its name or its storage promises, and nothing of it was copied."""


async def objects_of(storage: Storage, prefix: str = "") -> Sequence[StoredObject]:
    """Return all objects whose keys begin so, in order; raises StorageAway."""
    found, after = list[StoredObject](), ""
    while True:
        page = await storage.list(prefix, after)
        found += page.objects
        if page.after is None:
            return found
        after = page.after


async def copy_all(
    source: Storage, target: Storage, objects: Sequence[StoredObject], named: NamedHash
) -> AsyncIterator[Copying]:
    """Copy objects and yield what became of each; it can be stopped and begun again at any time.

    Each copy is read again from the target and compared with its SHA-256. Both storages may be in use.

    Raises:
        StorageAway: one of the two cannot be asked now.
    """
    waiting = iter(objects)
    running = set[asyncio.Task[Copying]]()
    try:
        while True:
            while len(running) < AT_ONCE and (one := next(waiting, None)) is not None:
                running.add(asyncio.create_task(copied(source, target, one.key, named(one.key))))
            if not running:
                return
            done, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                yield task.result()
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


async def copied(source: Storage, target: Storage, key: str, named: str = "") -> Copying:
    """Copy an object, unless the target has it.

    Args:
        source: has it.
        target: gets it.
        key: its key.
        named: the SHA-256 that its bytes have to have; empty: the one that the source remembers.

    Raises:
        StorageAway: one of the two cannot be asked now.
    """
    known = await source.head(key)
    if known is None:
        return Copying(key, 0, "gone")
    wanted = named or known.sha256 or ""
    there = await target.head(key)
    if there is not None and wanted and (there.size, there.sha256) == (known.size, wanted):
        return Copying(key, known.size, "there")
    try:
        async with source.open(key) as opened:
            put = await target.put(key, opened.pieces, media_type=known.type, sha256=wanted)
    except ObjectMissing:
        return Copying(key, 0, "gone")
    except OtherBytes:
        return Copying(key, known.size, "differs")
    found = await sha256_of(target, key)
    same = found == (put.sha256 or wanted or await sha256_of(source, key))
    return Copying(key, put.size, "copied" if same else "differs")


async def sha256_of(storage: Storage, key: str) -> str:
    """Return the SHA-256 of an object's bytes in hex; raises ObjectMissing and StorageAway."""
    hasher = hashlib.sha256()
    async with storage.open(key) as opened, aclosing(opened.pieces) as pieces:  # type: ignore[type-var]
        async for piece in pieces:
            hasher.update(piece)
    return hasher.hexdigest()
