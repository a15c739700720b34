"""What a program and all processes below it have used of the machine, read from Linux's /proc."""

from collections import defaultdict
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

PROC = Path("/proc")

PARTS = {"postgres": "database", "valkey-server": "cache"}
"""Programs that are not ours, by their names."""


def below(root: int) -> dict[int, str]:
    """Return pid → part of every process from a root downwards: database, cache, or what of ours it runs."""
    children: dict[int, list[int]] = defaultdict(list)
    for entry in PROC.iterdir():
        if entry.name.isdigit():
            with suppress(OSError):
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                children[parent].append(int(entry.name))
    found: dict[int, str] = {}
    waiting = [root]
    while waiting:
        pid = waiting.pop()
        with suppress(OSError):
            found[pid] = _part((PROC / str(pid) / "cmdline").read_bytes())
        waiting += children[pid]
    return found


def _part(command: bytes) -> str:
    words = command.decode(errors="replace").split("\0")
    name = words[0].split()[0].rstrip(":").rpartition("/")[2] if words[0].strip() else ""
    if name in PARTS:
        return PARTS[name]
    if "scripts.main" in words:
        return words[words.index("scripts.main") + 1]
    return "others"


class ProgramUsage:
    """A program whose use of the processor is counted: of each process that lives, and of those that ended.

    Args:
        root: its first process.
    """

    def __init__(self, root: int) -> None:
        self.root = root

    def seconds(self) -> dict[str, float]:
        """Return the seconds of processor time of each part so far."""
        found: dict[str, float] = defaultdict(float)
        for pid, part in below(self.root).items():
            found[part] += _lived(pid)
            found["ended"] += _ended(pid)
        return found

    def megabytes(self) -> dict[str, float]:
        """Return the memory of each part now; what processes share is counted once (PSS)."""
        found: dict[str, float] = defaultdict(float)
        for pid, part in below(self.root).items():
            with suppress(OSError):
                lines = (PROC / str(pid) / "smaps_rollup").read_text().splitlines()
                found[part] += (
                    next((int(one.split()[1]) for one in lines if one.startswith("Pss:")), 0) / 1024
                )
        return found


def between(before: Mapping[str, float], after: Mapping[str, float]) -> dict[str, float]:
    """Return how much more each part has used."""
    return {part: after[part] - before.get(part, 0.0) for part in after}


def _lived(pid: int) -> float:
    """Return the processor time of all threads of a process, in seconds, to the nanosecond."""
    found = 0
    with suppress(OSError):
        for thread in (PROC / str(pid) / "task").iterdir():
            found += int((thread / "schedstat").read_text().split()[0])
    return found / 1e9


def _ended(pid: int) -> float:
    """Return the processor time of the children of a process that have ended, in seconds."""
    with suppress(OSError):
        fields = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
        return (int(fields[13]) + int(fields[14])) / 100
    return 0.0
