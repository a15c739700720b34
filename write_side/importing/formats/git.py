"""A git repository of Markdown: every commit that touches a file is a revision of its entry."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from events.base import Locale
from events.content.texts import MAX_MARKDOWN_BYTES
from kit.errors import Refused
from write_side.importing.formats.git_objects import (
    LINK,
    SUBMODULE,
    CommitFacts,
    changes,
    commit_facts,
    first_parents,
)  # fmt: skip
from write_side.importing.formats.git_paths import FileStep, Paths
from write_side.importing.formats.git_plumbing import Git, in_parts
from write_side.importing.formats.places import is_markdown, place_of
from write_side.importing.record import Aside, Record, SetAside
from write_side.importing.wording import REASON_CHARACTERS, decoded, one_line, title_of

MOST_OF_A_COMMIT = 1_000_000
"""Bytes of a commit's message that are read; a longer one has no reason, and no author."""


class GitOrigin:
    """A repository, read by first parents from the first commit of a branch to its last.

    Args:
        path: its folder.
        name: what tells it from other sources; empty: its first commit, which all copies of it share.
        branch: which.
        locale: the language of files whose path names none.
        encoding: of files that are not UTF-8.

    Raises:
        Refused: there is no git, no such repository, or nothing in it.
    """

    def __init__(
        self, path: Path, *, name: str = "", branch: str = "HEAD", locale: Locale = "en",
        encoding: str = "latin-1",
    ) -> None:  # fmt: skip
        self._git = Git(path)
        self._commits = first_parents(self._git.commits(branch))
        if not self._commits:
            raise Refused([f"{branch} has no commits"])
        self.name = name or f"git:{self._commits[0].split()[0].decode()}"
        self.total = len(self._commits)
        self.done = 0
        self._locale = locale
        self._encoding = encoding
        self._passed: set[str] = set()

    def records(self) -> Iterator[Record | Aside]:
        """Yield each step of each entry, in the order of commits."""
        paths = Paths(self._locale)
        for part in in_parts(self._commits):
            for commit, found in changes(self._git.changed(part)):
                steps = paths.steps(commit, found)
                facts = self._facts(commit) if steps else None
                for step in steps:
                    yield self._record(commit, facts or commit_facts(b""), step)
                for one in found:
                    if not is_markdown(one.path) and one.path not in self._passed:
                        self._passed.add(one.path)
                        yield Aside(_place(commit, one.path), "is not Markdown")
                self.done += 1

    def close(self) -> None:
        self._git.close()

    def _facts(self, commit: str) -> CommitFacts:
        return commit_facts(self._git.object(commit, MOST_OF_A_COMMIT) or b"")

    def _record(self, commit: str, facts: CommitFacts, step: FileStep) -> Record:
        place = place_of(step.path, self._locale)
        return Record(
            place=_place(commit, step.path),
            kind="article",
            key=step.entry.key,
            locale=step.entry.locale,
            revision=commit,
            slug=place.slug,
            read=partial(self._fields, step, place.stem) if step.blob else None,
            author=facts.author,
            at=facts.at,
            reason=one_line(facts.message, REASON_CHARACTERS),
        )

    def _fields(self, step: FileStep, stem: str) -> dict[str, Any]:
        """Return what an entry says: the file as it is, and a title from it."""
        if step.mode in {LINK, SUBMODULE}:
            raise SetAside("is a link" if step.mode == LINK else "is another repository")
        content = self._git.object(step.blob, MAX_MARKDOWN_BYTES)
        if content is None:
            raise SetAside(f"has more than {MAX_MARKDOWN_BYTES:,} bytes")
        body = decoded(content, self._encoding)
        return {"title": title_of(body, stem), "body": body}


def _place(commit: str, path: str) -> str:
    """Return where something stands, in a line that can be shown."""
    return f"{commit[:12]}:{one_line(path.encode(errors='replace').decode(), 300)}"
