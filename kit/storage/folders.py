"""Folders of files: made and changed so that a power cut undoes nothing, and listed in the order of keys."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


def made(folder: Path) -> None:
    """Make a folder, so that it is still there after a power cut."""
    if not folder.is_dir():
        made(folder.parent)
        folder.mkdir(exist_ok=True)
        synced(folder.parent)


def synced(folder: Path) -> None:
    """Return when what was moved into a folder, or removed from it, stays so."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def remove_empty(folder: Path, since: float) -> bool:
    """Remove a folder, and those below it, as far as they are empty since a moment; tell whether it is gone.

    Who makes a file in one at the very moment in which it goes hears that there is none, and comes again.

    Args:
        folder: need not be there.
        since: second since 1970; what was put into a folder or taken out of it later keeps it.
    """
    try:
        changed = folder.stat().st_mtime
        with os.scandir(folder) as entries:
            found = [(Path(one.path), one.is_dir(follow_symlinks=False)) for one in entries]
    except FileNotFoundError:
        return True
    left = [path for path, is_folder in found if not (is_folder and remove_empty(path, since))]
    if left or changed >= since:
        return False
    with suppress(OSError):  # something was put into it just now
        folder.rmdir()
        return True
    return False


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Let no other process or thread do what is done under the lock of the same folder meanwhile."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def keys_of(
    folder: Path, above: str = "", prefix: str = "", after: str = ""
) -> Iterator[tuple[str, os.stat_result]]:
    """Yield keys and their files, in the order of whole keys: "a-b/c.png" comes before "a/b.png".

    Args:
        folder: whose files they are.
        above: what their keys begin with.
        prefix: what wanted keys begin with.
        after: the key behind which they are wanted.
    """
    try:
        with os.scandir(folder) as entries:
            found = sorted((f"{e.name}/" if e.is_dir() else e.name, e) for e in entries)
    except FileNotFoundError:
        return
    for name, entry in found:
        key = above + name
        if not name.endswith("/"):
            if key.startswith(prefix) and key > after:
                with suppress(FileNotFoundError):
                    yield key, entry.stat()
        elif (key.startswith(prefix) or prefix.startswith(key)) and (key > after or after.startswith(key)):
            yield from keys_of(Path(entry.path), key, prefix, after)
