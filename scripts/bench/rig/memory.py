"""How much memory a program and the processes that it starts take at the most, read from /proc."""

import asyncio
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

PROC = Path("/proc")

LOOK_SECONDS = 0.05
"""Seconds between two looks."""


class Peak(NamedTuple):
    """What was seen, in bytes."""

    together: int
    """Highest sum of what the processes held at one moment; what they share is counted once (PSS)."""
    each: int
    """Sum of the highest that each process ever held (RSS), as the kernel remembers it: no look misses it."""
    processes: int
    """How many there were."""


async def peak_of(program: subprocess.Popen[bytes]) -> Peak:
    """Watch a program until it ends.

    Args:
        program: leader of a session of its own, in which all that it starts stays.

    Raises:
        SystemExit: there is no /proc here to read it from.
    """
    if not (PROC / "self" / "smaps_rollup").exists():
        raise SystemExit("frankenjet: bench rebuild-memory reads Linux's /proc, which is not here")
    together = 0
    highest: dict[int, int] = {}
    while program.poll() is None:
        sum_now = 0
        for pid in in_session(program.pid):
            with suppress(OSError):  # it ended just now
                sum_now += kilobytes(pid, "smaps_rollup", "Pss:")
                highest[pid] = max(highest.get(pid, 0), kilobytes(pid, "status", "VmHWM:"))
        together = max(together, sum_now)
        await asyncio.sleep(LOOK_SECONDS)
    return Peak(together * 1024, sum(highest.values()) * 1024, len(highest))


def in_session(leader: int) -> list[int]:
    """Return the pids of all processes in a session."""
    found = []
    for entry in PROC.iterdir():
        if entry.name.isdigit():
            with suppress(OSError):
                # pid (name) state ppid pgrp session …, where the name may hold anything
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
                if int(fields[3]) == leader:
                    found.append(int(entry.name))
    return found


def kilobytes(pid: int, file: str, name: str) -> int:
    """Return a figure of a process, of a file in its folder of /proc; 0: it has ended."""
    for line in (PROC / str(pid) / file).read_text().splitlines():
        if line.startswith(name):
            return int(line.split()[1])
    return 0  # it waits to be reaped
