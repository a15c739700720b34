"""Follows the files of a repository from commit to commit: which entry is at a path now. Pure."""

from typing import NamedTuple

from events.base import Locale
from write_side.importing.formats.git_objects import FileChange
from write_side.importing.formats.places import is_markdown, place_of


class Followed(NamedTuple):
    """An entry, wherever its file is."""

    key: str
    locale: Locale


class FileStep(NamedTuple):
    """What a commit did to an entry."""

    entry: Followed
    path: str
    """Where its file is now, or was when it is gone."""
    blob: str
    """Name of its content; empty: the file is gone."""
    mode: str


class Paths:
    """The entries of a repository at one commit.

    An entry is named by the first path that it had. A file that comes back to where one was deleted goes on
    with that entry; one that takes the place of an entry that has moved away is another entry.

    Args:
        locale: the language of files whose path names none.
    """

    def __init__(self, locale: Locale) -> None:
        self._locale = locale
        self._at: dict[str, Followed] = {}
        self._taken: dict[Followed, str] = {}
        """Each entry → where it is, or was last."""

    def steps(self, commit: str, changes: list[FileChange]) -> list[FileStep]:
        """Return what a commit did to entries.

        Args:
            commit: its name.
            changes: what it did to files, all of one commit.
        """
        moved = {
            one.path: self._at.pop(one.former)
            for one in changes
            if one.status == "R" and one.former in self._at and is_markdown(one.path)
        }
        steps = []
        for one in changes:
            if one.status == "R" and one.path not in moved and one.former in self._at:
                steps.append(FileStep(self._at[one.former], one.former, "", ""))  # it is no Markdown any more
            if not is_markdown(one.path):
                continue
            if one.status == "D":
                if one.path in self._at:
                    steps.append(FileStep(self._at[one.path], one.path, "", ""))
                continue
            entry = moved.get(one.path) or self._at.get(one.path) or self._new(one.path, commit)
            self._at[one.path] = entry
            self._taken[entry] = one.path
            steps.append(FileStep(entry, one.path, one.blob, one.mode))
        return steps

    def _new(self, path: str, commit: str) -> Followed:
        place = place_of(path, self._locale)
        entry = Followed(place.key, place.locale)
        return Followed(f"{place.key}#{commit[:12]}", place.locale) if entry in self._taken else entry
