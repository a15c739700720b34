"""Rules over an entry and those that it names: what may not be said of both at once. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple, Protocol
from uuid import UUID

import msgspec

from events.content.dates import Days, PartialDate
from events.content.field import Field, Name

type Content = Mapping[str, Any]
"""Fields of a revision as JSON values, long texts as hashes."""

type Published = Mapping[UUID, Content | None]
"""Entries, and what readers see of them; None: nothing."""


class Finding(NamedTuple):
    """What an entry says, although another one says otherwise."""

    pointer: str
    """Where in the content of the entry that is judged."""
    entry: UUID
    """The other one."""
    detail: str
    warning: bool = False
    """It may be so: it is told, and refuses nothing."""
    other_pointer: str = ""
    """Where in the content of the other one."""
    other_detail: str = ""
    """The same in words that stand there."""

    def turned(self, entry: UUID) -> "Finding":
        """Return it as it is told of the other entry.

        Args:
            entry: the one that was judged.
        """
        told = self.other_pointer, entry, self.other_detail, self.warning
        return Finding(*told, self.pointer, self.detail)


class Across(Protocol):
    """A rule over an entry and those that it names, directly or through others."""

    def fields(self) -> Iterable[str]:
        """Return the fields of the kind that it reads."""

    def reads(self) -> tuple[str, Iterable[str]]:
        """Return the field that names the other entry, and the fields of that one which it compares."""

    def asks(self, fields: Mapping[str, Field], content: Content, known: Published) -> Iterable[UUID]:
        """Return the entries that it has to know, as far as those that are known tell."""

    def judge(
        self, id_: UUID, fields: Mapping[str, Field], content: Content, known: Published
    ) -> Iterable[Finding]:
        """Return what is wrong with the content of an entry.

        Args:
            id_: the entry.
            fields: of its kind.
            content: what is to be published of it.
            known: what is published of all that `asks` returned, if there was room for all of them.
        """


class WithinLife(msgspec.Struct, frozen=True, kw_only=True):
    """A date of an entry lies between two dates of an entry that it names."""

    of: str
    """Field that names the other one."""
    date: str = ""
    """Field of the entry; empty: only items are judged."""
    together: bool = False
    """The date is that of all who are named together: it is judged where that is one alone."""
    item: str = ""
    """Member of an item that is judged in its place, where it is there."""
    since: str = ""
    """Field of the other one, before which the date cannot be."""
    until: str = ""
    """Field of the other one, after which the date cannot be."""
    warning: bool = False

    def fields(self) -> Iterable[str]:
        return (self.date, self.of) if self.date else (self.of,)

    def reads(self) -> tuple[str, Iterable[str]]:
        return self.of, [one for one in (self.since, self.until) if one]

    def asks(self, fields: Mapping[str, Field], content: Content, _known: Published) -> Iterable[UUID]:
        return {name.entry for name in fields[self.of].names(content.get(self.of))}

    def judge(
        self, _id: UUID, fields: Mapping[str, Field], content: Content, known: Published
    ) -> Iterator[Finding]:
        names = list(fields[self.of].names(content.get(self.of)))
        whole = None
        if self.date and not (self.together and len(names) > 1):
            whole = _days(content.get(self.date))
        for name in names:
            other = known.get(name.entry)
            if other is None:
                continue
            place, days = f"/{self.date}", whole
            if self.item and (own := _item(content[self.of], name).get(self.item)):
                place = f"/{self.of}{name.pointer.rpartition('/')[0]}/{self.item}"
                days = _days(own)
            if days is not None:
                yield from self._compared(place, days, name.entry, other)

    def _compared(self, place: str, mine: Days, entry: UUID, other: Content) -> Iterator[Finding]:
        since, until = _days(other.get(self.since)), _days(other.get(self.until))
        if since is not None and mine.latest < since.earliest:
            yield self._found(place, entry, "earlier", "later", self.since)
        if until is not None and mine.earliest > until.latest:
            yield self._found(place, entry, "later", "earlier", self.until)

    def _found(self, place: str, entry: UUID, here: str, there: str, other: str) -> Finding:
        """Return that a date is earlier or later than that of the other entry; `there`: seen from that."""
        return Finding(
            place,
            entry,
            f"is {here} than `{other}` of the entry in `{self.of}`",
            self.warning,
            f"/{other}",
            f"is {there} than `{place.strip('/')}` of an entry that names this one in `{self.of}`",
        )


class NotItsOwn(msgspec.Struct, frozen=True, kw_only=True):
    """Anyone who follows a field from entry to entry never comes back to where he began."""

    field: str

    def fields(self) -> Iterable[str]:
        return (self.field,)

    def reads(self) -> tuple[str, Iterable[str]]:
        return self.field, ()

    def asks(self, fields: Mapping[str, Field], content: Content, known: Published) -> Iterable[UUID]:
        named = fields[self.field].names
        contents: Sequence[Content] = (content, *(one for one in known.values() if one is not None))
        return {name.entry for one in contents for name in named(one.get(self.field))}

    def judge(
        self, id_: UUID, fields: Mapping[str, Field], content: Content, known: Published
    ) -> Iterator[Finding]:
        named = fields[self.field].names
        for first in named(content.get(self.field)):
            seen, waiting = {first.entry}, [first.entry]
            while waiting:
                one = waiting.pop()
                if one == id_:
                    yield Finding(f"/{self.field}{first.pointer}", first.entry, "leads back to this entry")
                    break
                following = known.get(one) or {}
                new = {name.entry for name in named(following.get(self.field))} - seen
                seen |= new
                waiting += new


def _item(value: Any, name: Name) -> Mapping[str, Any]:
    """Return the item of a list that names an entry; nothing where the field itself does."""
    number = name.pointer.split("/")[1] if name.pointer else ""
    found: Mapping[str, Any] = value[int(number)] if number else {}
    return found


def _days(value: Any) -> Days | None:
    """Return the days that a date can mean; None where nobody has said one, or nobody knows."""
    if not isinstance(value, dict):
        return None
    days = msgspec.convert(value, PartialDate).days
    return None if days == Days(date.min, date.max) else days
