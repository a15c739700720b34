"""Reads what git's plumbing says: commits, and what changed between two of them. Pure."""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from write_side.importing.record import Author
from write_side.importing.wording import moment

_PERSON = re.compile(rb"([^<]*)<([^>]*)>(?: (-?\d{1,19}) ([+-]\d{4}))?")
_COMMIT = re.compile(rb"[0-9a-f]{40,64}")

MOST_OF_A_MESSAGE = 10_000
"""Bytes of a message that are read: a reason is far shorter."""

LINK, SUBMODULE = "120000", "160000"
"""Modes of what is no file."""


class CommitFacts(NamedTuple):
    """What a commit says of itself."""

    author: Author
    at: datetime | None
    message: str


class FileChange(NamedTuple):
    """What a commit did to one file."""

    status: str
    """A added, M modified, D deleted, R renamed, T of another type now."""
    mode: str
    """Of what is there afterwards."""
    blob: str
    """Name of its content afterwards."""
    path: str
    """Where it is, or was when it is gone."""
    former: str = ""
    """Of a renamed one: where it was."""


def commit_facts(content: bytes) -> CommitFacts:
    """Read a commit object. What is missing or broken in it is empty: nothing of it is refused."""
    head, _, message = content.partition(b"\n\n")
    encoding, person = "utf-8", None
    for line in head.split(b"\n"):
        if line.startswith(b"encoding "):
            encoding = line[9:].decode("ascii", "replace").strip()
        elif line.startswith(b"author ") and person is None:
            person = _PERSON.fullmatch(line[7:].strip())
    name = _text(person[1].strip(), encoding) if person else ""
    address = _text(person[2], encoding) if person else ""
    at = moment(int(person[3]), person[4].decode()) if person and person[3] else None
    return CommitFacts(Author(name, address), at, _text(_beginning(message), encoding))


def _beginning(message: bytes) -> bytes:
    """Return the whole words that a message begins with."""
    if len(message) <= MOST_OF_A_MESSAGE:
        return message
    return message[:MOST_OF_A_MESSAGE].rsplit(None, 1)[0]


def changes(said: bytes) -> Iterator[tuple[str, list[FileChange]]]:
    """Read the output of `git diff-tree --stdin -r --raw -z`: each commit and the files that it changed."""
    words = iter(said.split(b"\x00"))
    commit, found = "", []
    for word in words:
        if word.startswith(b":"):
            found.append(_change(word, words))
        elif _COMMIT.fullmatch(word):
            if commit:
                yield commit, found
            commit, found = word.decode(), []
    if commit:
        yield commit, found


def first_parents(lines: Sequence[bytes]) -> list[bytes]:
    """Return lines of `git rev-list --parents` with no parent but the first: what diff-tree compares with."""
    return [b" ".join(line.split()[:2]) for line in lines]


def _change(word: bytes, words: Iterator[bytes]) -> FileChange:
    _, mode, _, blob, status = word.decode("ascii").split(" ")
    path = _path(next(words))
    if status[0] in "RC":
        return FileChange("R" if status[0] == "R" else "A", mode, blob, _path(next(words)), path)
    return FileChange(status[0], mode, blob, path)


def _path(said: bytes) -> str:
    return said.decode(errors="surrogateescape")


def _text(said: bytes, encoding: str) -> str:
    for one in (encoding, "utf-8"):
        try:
            return said.decode(one)
        except (LookupError, ValueError):  # such as an encoding that is not one of texts
            continue
    return said.decode("latin-1")
