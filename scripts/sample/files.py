"""The files of the sample: its people, its sources, and every article after what it was translated from."""

from collections.abc import Iterator, Mapping
from functools import cache
from graphlib import TopologicalSorter
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Literal
from uuid import UUID

import msgspec

from kit.ids import named_id
from scripts.sample.lives import SampleLife, read
from scripts.sample.pairs import read_pair


class SampleAccount(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An invented person who edits the sample."""

    name: str
    """The short name by which steps refer to the account."""
    display_name: str
    role: Literal["editor", "moderator"]

    @property
    def id(self) -> UUID:
        return named_id("sample", "account", self.name)


class _Accounts(msgspec.Struct, forbid_unknown_fields=True):
    account: list[SampleAccount]


class _Sources(msgspec.Struct, forbid_unknown_fields=True):
    source: dict[str, dict[str, str]]


def accounts() -> list[SampleAccount]:
    """Return the accounts of the sample."""
    return msgspec.toml.decode(_text("accounts.toml"), type=_Accounts).account


@cache
def sources() -> Mapping[str, Mapping[str, str]]:
    """Return what short articles cite: key → title, and address if it has one."""
    return msgspec.toml.decode(_text("sources.toml"), type=_Sources).source


def lives() -> list[SampleLife]:
    """Return every life of an article; a translation comes after what it was translated from.

    Raises:
        ValueError: naming the file and step that cannot be (msgspec.ValidationError and graphlib.CycleError
            are such).
    """
    found = {life.key: life for life in _read()}
    for life in found.values():
        for original in life.originals:
            if original.key not in found or original.revision > len(found[original.key].revisions):
                raise ValueError(f"{life.key} is translated from a revision that the sample does not have")
    order = TopologicalSorter({key: [original.key for original in found[key].originals] for key in found})
    return [found[key] for key in order.static_order()]


def files_in(*path: str) -> list[Traversable]:
    """Return the files of a folder of the sample, by name."""
    return sorted(_place(*path).iterdir(), key=lambda file: file.name)


def _read() -> Iterator[SampleLife]:
    for file in files_in("articles"):
        yield read(file.name.removesuffix(".toml"), file.read_text("utf-8"))
    for file in files_in("short"):
        yield from read_pair(file.name.removesuffix(".toml"), file.read_text("utf-8"), sources())


def _text(name: str) -> str:
    return _place(name).read_text("utf-8")


def _place(*path: str) -> Traversable:
    return resources.files(__package__).joinpath(*path)
