"""Asks the `git` command: which commits there are, what they changed, and what an object holds."""

import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

from kit.errors import Refused

QUIET = (
    "--no-replace-objects", "--no-optional-locks", "--literal-pathspecs",
    "-c", "protocol.allow=never", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null",
)  # fmt: skip
"""Nothing that a repository is set up to do is done: it is read, from its own objects alone."""

RENAMES = ("-M", "-l1000")
"""Renames are looked for among so many new and vanished files of a commit: it takes the square of that."""

COMMITS_AT_ONCE = 200

MOST_OF_AN_ANSWER = 512 * 1024 * 1024
"""Bytes that are held at a time. A tree that holds the same one ten times, and so on, has no end."""


class Git:
    """A repository on this machine.

    Args:
        path: its folder.
        most: bytes of an answer.

    Raises:
        Refused: there is no git, or no repository.
    """

    def __init__(self, path: Path, *, most: int = MOST_OF_AN_ANSWER) -> None:
        self._most = most
        self._command = ("git", *QUIET, "-C", str(path))
        self._held: subprocess.Popen[bytes] | None = None
        self.ask("rev-parse", "--git-dir")

    def commits(self, branch: str) -> list[bytes]:
        """Return the commits of a branch by first parents, oldest first, each with its parents.

        Raises:
            Refused: there is no such branch, or it has no commit.
        """
        if branch.startswith("-"):
            raise Refused(["a branch does not begin with a hyphen"])
        said = self.ask("rev-list", "--first-parent", "--reverse", "--parents", branch, "--")
        return said.splitlines()

    def changed(self, commits: Sequence[bytes]) -> bytes:
        """Return what commits changed, as `git_objects.changes` reads it.

        Args:
            commits: each with the parent that it is compared with, if it has one.
        """
        asked = b"".join(b"%b\n" % one for one in commits)
        return self.ask("diff-tree", "--stdin", "--root", "-r", *RENAMES, "--raw", "-z", "--no-abbrev",
                        "--always", said=asked)  # fmt: skip

    def object(self, name: str, most: int) -> bytes | None:
        """Return what an object holds; None when that is larger than so many bytes.

        Raises:
            Refused: the repository does not have it.
        """
        put, got = self._objects()
        put.write(f"info {name}\n".encode())
        put.flush()
        told = got.readline().split()
        if len(told) != 3:  # noqa: PLR2004 - name, type, size
            raise Refused([f"the repository lacks the object {name}: is it a partial clone?"])
        if int(told[2]) > most:
            return None
        put.write(f"contents {name}\n".encode())
        put.flush()
        got.readline()
        content = got.read(int(told[2]))
        got.readline()
        return content

    def ask(self, *words: str, said: bytes = b"") -> bytes:
        """Return what a command prints.

        Raises:
            Refused: it fails, with what it says; or it says more than is held in memory.
        """
        with tempfile.TemporaryFile() as asked, tempfile.TemporaryFile() as told:
            asked.write(said)
            asked.seek(0)
            command = [*self._command, *words]
            try:
                running = subprocess.Popen(command, stdin=asked, stdout=subprocess.PIPE, stderr=told)  # noqa: S603
            except FileNotFoundError:
                raise Refused(["importing from git needs the command git: install it"]) from None
            with running:
                answer = b"" if running.stdout is None else running.stdout.read(self._most + 1)
                if len(answer) > self._most:
                    running.kill()
                    raise Refused([f"git {words[0]} says more than {self._most:,} bytes of some commits"])
            if running.returncode:
                told.seek(0)
                lines = told.read(10_000).decode(errors="replace").strip().splitlines()
                raise Refused([f"git {words[0]}: {line}" for line in lines[:3]] or [f"git {words[0]} failed"])
            return answer

    def close(self) -> None:
        """End the process that reads objects."""
        if self._held is not None:
            self._held.kill()
            self._held.communicate()
            self._held = None

    def _objects(self) -> tuple[IO[bytes], IO[bytes]]:
        if self._held is None:
            words = [*self._command, "cat-file", "--batch-command"]
            self._held = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # noqa: S603
        if self._held.stdin is None or self._held.stdout is None:
            raise Refused(["git cannot be talked to"])
        return self._held.stdin, self._held.stdout


def in_parts(commits: Sequence[bytes]) -> Iterator[Sequence[bytes]]:
    """Yield commits, some at a time: what they changed is held in memory."""
    for first in range(0, len(commits), COMMITS_AT_ONCE):
        yield commits[first : first + COMMITS_AT_ONCE]
