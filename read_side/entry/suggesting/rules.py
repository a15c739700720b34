"""Which tags follow from what an entry says: by code, by name, by what entries like it carry. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal, NamedTuple

LEAST_ENTRIES = 2
"""Entries that carry a tag, at the least, before it is proposed for that reason."""

LEAST_SHARE = 0.2
"""Share of the entries like it that carry it, at the least."""

type Rule = Literal["same_code", "same_name", "carried"]


class Said(NamedTuple):
    """One thing that an entry says of itself: a term or a country."""

    field: str
    value: str
    """The code of a term, or the id of a country."""
    names: Sequence[str] = ()
    """What it is called, in any language."""
    code: bool = True
    """Whether the value is a code that a tag can have as well."""


class KnownTag(NamedTuple):
    """A tag that may be given."""

    code: str
    name: Mapping[str, str]
    """In each language that it has."""
    category: str | None


class Carried(NamedTuple):
    """How often a tag stands at entries that say the same."""

    field: str
    value: str
    tag: str
    entries: int
    of: int
    """Entries that were looked at."""


class Because(NamedTuple):
    """Why a tag is proposed."""

    rule: Rule
    said: Said
    carried: Carried | None = None

    @property
    def weight(self) -> float:
        """From 0 to 1: what is called the same counts like what all entries carry."""
        return 1.0 if self.carried is None else self.carried.entries / self.carried.of


class Proposal(NamedTuple):
    """A tag, and all reasons for it, the strongest first."""

    tag: KnownTag
    because: Sequence[Because]


def proposals(
    said: Sequence[Said],
    tags: Iterable[KnownTag],
    carried: Iterable[Carried],
    present: Iterable[str],
    limit: int,
) -> list[Proposal]:
    """Return the tags that follow, the best founded first, those with the same reasons by their codes.

    Args:
        said: what the entry says.
        tags: those that may be given.
        carried: what stands at entries that say the same.
        present: codes of the tags that it has.
        limit: how many at the most.
    """
    known = {one.code: one for one in tags if one.code not in set(present)}
    found: dict[str, list[Because]] = {}
    for code, because in (*_called(said, known.values()), *_carried(said, carried)):
        if code in known:
            found.setdefault(code, []).append(because)
    all_of_them = [
        Proposal(known[code], sorted(reasons, key=lambda one: (-one.weight, one.said[:2], one.rule)))
        for code, reasons in found.items()
    ]
    all_of_them.sort(key=lambda one: (-sum(reason.weight for reason in one.because), one.tag.code))
    return all_of_them[:limit]


def _called(said: Iterable[Said], tags: Iterable[KnownTag]) -> Iterator[tuple[str, Because]]:
    """Yield the tags that have the code or a name of what the entry says."""
    every = list(tags)
    by_name: dict[str, list[str]] = {}
    for tag in every:
        for name in {one.casefold() for one in tag.name.values()}:
            by_name.setdefault(name, []).append(tag.code)
    codes = {tag.code for tag in every}
    for one in said:
        if one.code and one.value in codes:
            yield one.value, Because("same_code", one)
        alike = {code for name in one.names for code in by_name.get(name.casefold(), ())}
        for code in alike - ({one.value} if one.code else set()):
            yield code, Because("same_name", one)


def _carried(said: Iterable[Said], carried: Iterable[Carried]) -> Iterator[tuple[str, Because]]:
    """Yield the tags that enough entries carry which say the same."""
    by_value: dict[tuple[str, str], Any] = {(one.field, one.value): one for one in said}
    for one in carried:
        if one.entries >= LEAST_ENTRIES and one.entries >= LEAST_SHARE * one.of:
            yield one.tag, Because("carried", by_value[one.field, one.value], one)
