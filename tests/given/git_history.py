"""A git repository with a history of everything that can happen to files, and what its import has to give."""

import random
import subprocess
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import cycle
from pathlib import Path
from typing import NamedTuple

PEOPLE = (
    ("Ada Lovelace", "ada@secret.example"),
    ("Ada Lovelace", "other-ada@secret.example"),
    ("Сергей Иванов", "sergey@secret.example"),
    ("Zoë \N{AIRPLANE}", "zoe@secret.example"),
    ("", "nobody@secret.example"),
)
OFFSETS = ("+0000", "+0300", "-0530", "+1245")
HUGE = 600 * 1024


class Written(NamedTuple):
    """A revision that an import has to give."""

    body: str
    author: tuple[str, str]
    at: datetime
    reason: str


@dataclass
class Repository:
    """What was made, file by file, wherever each of them went."""

    revisions: dict[int, list[Written]] = field(default_factory=lambda: defaultdict(list))
    """Number of a file → its revisions along first parents."""
    gone: set[int] = field(default_factory=set)
    renames: int = 0
    merges: int = 0
    aside: set[str] = field(default_factory=set)
    """Paths that cannot become entries."""


class _Maker:
    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.made = Repository()
        self.said: list[bytes] = []
        self.mark = 0
        self.at: dict[str, tuple[int, str]] = {}
        self.files = 0
        self.encodings = cycle(("utf-8", "utf-8", "latin-1"))
        self.kind: dict[int, str] = {}

    def commit(
        self, changes: bytes, *, branch: str = "main", parent: int = 0, merged: int = 0
    ) -> tuple[tuple[str, str], datetime, str]:
        self.mark += 1
        who = self.chance.choice(PEOPLE)
        seconds = 900_000_000 + self.chance.randrange(700_000_000)
        offset = self.chance.choice(OFFSETS)
        reason = f"Change {self.mark}: крыло \N{AIRPLANE}"
        message = f"{reason}\r\n".encode()
        person = f"{who[0]} <{who[1]}> {seconds} {offset}".encode()
        lines = [
            b"commit refs/heads/%b" % branch.encode(),
            b"mark :%d" % self.mark,
            b"author " + person,
            b"committer Machine <machine@secret.example> 1700000000 +0000",
            b"data %d\n%b" % (len(message), message),
        ]
        if parent:
            lines.append(b"from :%d" % parent)
        if merged:
            lines.append(b"merge :%d" % merged)
        self.said.append(b"\n".join(lines) + b"\n" + changes + b"\n")
        return who, datetime.fromtimestamp(seconds, UTC), reason

    def body(self, number: int, before: str = "") -> tuple[str, bytes]:
        encoding = self.kind.setdefault(number, next(self.encodings))
        end = "\r\n" if number % 3 == 1 else "\n"
        sign = "\N{AIRPLANE}\N{VARIATION SELECTOR-16} Ан-2" if encoding == "utf-8" else "été"
        text = before
        if not text:
            lines = [f"{self.chance.random()} of {number}" for _ in range(6)]
            text = f"# File {number}{end}{end}{sign} {end.join(lines)}{end}"
        text += f"line {self.mark} {self.chance.random()}{end}"
        return text, text.encode(encoding)

    def write(self, path: str, content: bytes) -> bytes:
        return b"M 100644 inline %b\ndata %d\n%b\n" % (path.encode(), len(content), content)

    def note(self, number: int, text: str, facts: tuple[tuple[str, str], datetime, str]) -> None:
        self.made.revisions[number].append(Written(text, *facts))

    def add(self) -> None:
        self.files += 1
        number = self.files
        path = f"{self.chance.choice(('', 'docs/', 'ru/'))}file-{number}.md"
        text, content = self.body(number)
        self.note(number, text, self.commit(self.write(path, content)))
        self.at[path] = number, text

    def edit(self) -> None:
        path = self.chance.choice(sorted(self.at))
        number, before = self.at[path]
        text, content = self.body(number, before)
        self.note(number, text, self.commit(self.write(path, content)))
        self.at[path] = number, text

    def rename(self) -> None:
        path = self.chance.choice(sorted(self.at))
        number, text = self.at.pop(path)
        new = f"moved/file-{number}-{self.mark}.md"
        self.made.renames += 1
        changes = b"R %b %b\n" % (path.encode(), new.encode())
        if self.chance.random() < 0.5:
            self.commit(changes)
        else:
            text, content = self.body(number, text)
            self.note(number, text, self.commit(changes + self.write(new, content)))
        self.at[new] = number, text

    def remove(self) -> None:
        path = self.chance.choice(sorted(self.at))
        number, _ = self.at.pop(path)
        self.commit(b"D %b\n" % path.encode())
        self.made.gone.add(number)

    def merge(self) -> None:
        """Two commits on a branch, and one that brings both home."""
        start = self.mark
        chosen = self.chance.sample(sorted(self.at), min(2, len(self.at)))
        texts, changes = {}, b""
        for path in chosen:
            texts[path], content = self.body(*self.at[path])
            changes += self.write(path, content)
            parent = start if path == chosen[0] else self.mark
            self.commit(self.write(path, content), branch="side", parent=parent)
        facts = self.commit(changes, parent=start, merged=self.mark)
        for path in chosen:
            self.note(self.at[path][0], texts[path], facts)
            self.at[path] = self.at[path][0], texts[path]
        self.made.merges += 1

    def odd(self) -> None:
        name, content = self.chance.choice(
            (("picture.png", b"\x89PNG\x00"), ("binary.md", b"# x\x00\xff"), ("huge.md", b"x" * HUGE))
        )
        path = f"odd/{self.mark}-{name}"
        self.commit(self.write(path, content))
        self.made.aside.add(path)


def make_repository(folder: Path, commits: int, seed: int) -> Repository:
    """Make a bare repository with at least so many commits."""
    maker = _Maker(random.Random(seed))  # noqa: S311 - a history, not a secret
    maker.add()
    deeds = (
        [maker.add] * 3
        + [maker.edit] * 12
        + [maker.rename] * 3
        + [maker.remove]
        + [maker.merge]
        + [maker.odd]
    )
    while maker.mark < commits:
        maker.chance.choice(deeds)() if len(maker.at) > 3 else maker.add()
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", folder], check=True)
    subprocess.run(["git", "-C", folder, "fast-import", "--quiet"], input=b"".join(maker.said), check=True)
    return maker.made
