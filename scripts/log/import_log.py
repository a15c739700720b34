"""`frankenjet import`: loads an exported log into an empty one, with equal positions, ids and moments."""

import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from kit.forms import Wrong
from kit.log.portable import load as portable
from kit.log.portable.form import NotPortable
from scripts.cli.bars import bars


async def load(owner_dsn: str, path: Path | None, seals: Mapping[int, bytes]) -> int:
    """Load an export, whole or not at all; the log gets an id of its own.

    Args:
        owner_dsn: address of the database as the owner of the log.
        path: the export; None: standard input.
        seals: position → chain, from elsewhere than the export: it must agree with each of them.

    Returns:
        The exit code: 0, or 1 when nothing was loaded.
    """
    try:
        with bars() as told, _opened(path) as (file, size):
            log_id, seal = await portable.load(
                owner_dsn, file, seals, lambda done: told("bytes", done, max(size, done))
            )
    except (portable.NotLoaded, NotPortable) as refused:
        print(f"frankenjet: {refused}; nothing was loaded", file=sys.stderr)
        return 1
    print(f"{seal.position:,} events in log {log_id}; their chain is {seal}", file=sys.stderr)
    return 0


@contextmanager
def _opened(path: Path | None) -> Iterator[tuple[BinaryIO, int]]:
    """Yield what is to be read and its size in bytes, 0 where that is not known."""
    if path is None:
        yield sys.stdin.buffer, 0
        return
    with path.open("rb") as file:
        yield file, path.stat().st_size


def seals_of(words: Iterable[str]) -> dict[int, bytes]:
    """Read seals written as POSITION:HASH; raises Wrong for anything else."""
    seals: dict[int, bytes] = {}
    for word in words:
        position, _, chain = word.partition(":")
        if re.fullmatch(r"[1-9][0-9]{0,17}:[0-9a-f]{64}", word) is None:
            raise Wrong("--seal: a seal is POSITION:HASH, the hash in 64 hexadecimal digits")
        if seals.setdefault(int(position), bytes.fromhex(chain)) != bytes.fromhex(chain):
            raise Wrong(f"--seal: two of them contradict each other at position {position}")
    return seals
