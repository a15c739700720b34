"""A small disk of a test's own, filled to its last byte and emptied again; it is gone when the test is."""

import errno
import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NoReturn

import pytest

from kit.embedded.home import NUMBERS

_HOLD = 'mount -t tmpfs -o size="$1" tmpfs "$2" && shift 2 && exec "$@"'

SERVERS = NUMBERS[-1]
"""User id of root's servers whose data lie on such a disk."""

_BLOCK = bytes(1024 * 1024)
_PAGE = 4096
"""Bytes that a file on it takes at a time."""


class Disk:
    """A file system in memory.

    Args:
        holder: the process in whose namespace it is mounted.
        place: where, as that process sees it.
    """

    def __init__(self, holder: int, place: Path) -> None:
        self.place = place
        self.folder = Path(f"/proc/{holder}/root{place}")
        """The same as everybody else may see it."""
        self.inside = ("nsenter", f"--mount=/proc/{holder}/ns/mnt")
        """Before the words of a command: runs it where the disk is mounted; root alone may do that."""
        self._ballast = self.folder / "ballast"

    @property
    def free(self) -> int:
        """Bytes that files may still take."""
        facts = os.statvfs(self.folder)
        return facts.f_bavail * facts.f_frsize

    def fill(self, leave: int = 0) -> None:
        """Write ballast until no more than so many bytes are free; with 0 no log can get a line longer."""
        ballast = os.open(self._ballast, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            while (rest := self.free - leave) > 0:
                os.write(ballast, _BLOCK[:rest])
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise
        finally:
            os.close(ballast)
        if leave == 0:
            for log in self.folder.rglob("*.log"):
                with log.open("ab", buffering=0) as file:
                    file.write(b"\n" * (-log.stat().st_size % _PAGE))

    def make_room(self) -> None:
        """Take the ballast away."""
        self._ballast.unlink()


@contextmanager
def small_disk(megabytes: int) -> Iterator[Disk]:
    """Yield an empty disk of this size.

    It is mounted in a namespace of its own, and reached over the process that holds that namespace: whatever
    ends this process, even a kill -9, ends the holder, and with the last user of its files the disk.
    """
    with tempfile.TemporaryDirectory(prefix="fjtest-disk-") as name:
        Path(name).chmod(0o755)
        words = ["unshare", *_rights(), "sh", "-c", _HOLD, "sh", f"{megabytes}m", name, *_lesser(), "cat"]
        try:
            pipe = subprocess.PIPE
            holder = subprocess.Popen(words, stdin=pipe, stdout=pipe, stderr=pipe, bufsize=0)
        except FileNotFoundError:
            missing("a disk cannot be mounted here: there is no `unshare`")
        with holder:
            assert holder.stdin is not None
            assert holder.stdout is not None
            assert holder.stderr is not None
            with suppress(BrokenPipeError):
                holder.stdin.write(b"mounted\n")
            if holder.stdout.readline() != b"mounted\n":
                missing(f"a disk cannot be mounted here: {holder.stderr.read().decode().strip()}")
            yield Disk(holder.pid, Path(name))


def _rights() -> list[str]:
    """Return what gives the right to mount: root has it, others in a user namespace of their own."""
    return ["--mount"] if os.geteuid() == 0 else ["--user", "--map-root-user", "--mount"]


def _lesser() -> list[str]:
    """Return what makes root's holder the user that root's servers run as: they could not pass it else."""
    if os.geteuid() != 0:
        return []
    return ["setpriv", f"--reuid={SERVERS}", f"--regid={SERVERS}", "--clear-groups"]


def missing(reason: str) -> NoReturn:
    """Skip a test for a person, and fail it on a build machine."""
    if os.environ.get("CI") == "true":  # noqa: TID251 - the convention of build machines
        pytest.fail(reason)
    pytest.skip(reason)
