"""Whether there is what a revision names, entries and terms: it is looked up before it is believed."""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Self
from uuid import UUID

from events.content.field import Field, Name, TermName
from events.entry import identified_stream
from events.life import Life
from kit.errors import Problem
from write_side.aggregate import StreamClaim
from write_side.entry.work import EntryWork
from write_side.log.streams import LastEvent
from write_side.problem_types import NO_SUCH_ENTRY, NO_SUCH_TERM, OTHERS_CHANGED
from write_side.receipt import Receipt

TRIES = 4
"""How often it is looked up what terms are, while somebody else changes them."""

RETIRED = "archived"
"""The step after which a term is not given to entries any more. Nothing follows it but its restoration, so
it is the last event of what is in the archive."""

type Fields = Mapping[str, Field]
type Content = Mapping[str, Any]
type Store = Callable[[Sequence[StreamClaim]], Awaitable[Receipt]]
"""Stores a decision together with further claims."""


class NewNames(NamedTuple):
    """What fields name that they did not name before, with pointers into the body."""

    entries: Sequence[Name]
    terms: Mapping[UUID, Sequence[TermName]]
    """The stream of a term → where it is named."""

    @classmethod
    def of(cls, fields: Fields, before: Content, given: Content) -> Self:
        """Return what is new in some fields.

        Args:
            fields: of the kind, by name.
            before: the content until now, as JSON values.
            given: what becomes of some of its fields.
        """
        terms: dict[UUID, list[TermName]] = {}
        for term in _new(before, given, lambda field, value: fields[field].terms(value)):
            stream = identified_stream("term", (term.vocabulary, term.code))
            terms.setdefault(stream, []).append(term)
        return cls(list(_new(before, given, lambda field, value: fields[field].names(value))), terms)

    @property
    def streams(self) -> set[UUID]:
        """What has to be looked up."""
        return {name.entry for name in self.entries} | self.terms.keys()

    def entry_faults(self, found: Mapping[UUID, LastEvent]) -> list[dict[str, str]]:
        """Return the places that name what is not there, or an entry of another kind than they may.

        Args:
            found: how far the streams are, of those that there are.
        """
        return _places(
            (name.pointer, _fault(name, found[name.entry].type if name.entry in found else ""))
            for name in self.entries
        )

    def term_faults(self, found: Mapping[UUID, LastEvent]) -> list[dict[str, str]]:
        """Return the places that name a term that is not there, or one that is retired."""
        return _places(
            (term.pointer, _term_fault(term, found.get(stream)))
            for stream, terms in self.terms.items()
            for term in terms
        )


async def with_names(work: EntryWork, before: Content, given: Content, store: Store) -> Receipt:
    """Store a revision if there is all that it names; what it names already is not asked about again.

    An entry may be named whatever becomes of it. A term must not be retired: its stream is claimed at the
    version that was looked up, and when somebody was faster, it is looked up again.

    Args:
        work: the command.
        before: the content until now, as JSON values.
        given: what becomes of some of its fields.
        store: stores it, together with those claims.

    Raises:
        Problem: 422 with a pointer to each name, 409 when terms change all the time, or 503.
    """
    new = NewNames.of(work.aggregate.content.FIELDS, before, given)
    lost = Problem(OTHERS_CHANGED, headers={"Retry-After": "1"})
    for number in range(TRIES):
        claims = [
            StreamClaim(stream, version, (), lost)
            for stream, version in (await _versions(work, new, now=bool(number))).items()
        ]
        try:
            return await store(claims)
        except Problem as refused:
            if refused is not lost:
                raise
    raise lost


async def _versions(work: EntryWork, new: NewNames, *, now: bool) -> Mapping[UUID, int]:
    """Return the version of each other term that is named; raises Problem 422 for what may not be."""
    if not new.streams:
        return {}
    found = await work.others.last_of(new.streams, now=now)
    if not now and (new.entry_faults(found) or new.term_faults(found)):
        found = await work.others.last_of(new.streams, now=True)  # it may be there by now, or be back
    entries, terms = new.entry_faults(found), new.term_faults(found)
    if entries or terms:
        raise Problem(NO_SUCH_ENTRY if entries else NO_SUCH_TERM, errors=[*entries, *terms])
    return {stream: found[stream].version for stream in new.terms if stream != work.call.stream}


def _new[N: (Name, TermName)](
    before: Content, given: Content, of: Callable[[str, Any], Iterable[N]]
) -> Iterator[N]:
    """Yield what fields name that they did not name before, with pointers into the body."""
    for field, value in given.items():
        names = list(of(field, value))
        if not names:
            continue
        known = {one[1:] for one in of(field, before.get(field))}
        yield from (one._replace(pointer=f"/{field}{one.pointer}") for one in names if one[1:] not in known)


def _places(faults: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"pointer": pointer, "detail": detail} for pointer, detail in faults if detail]


def _fault(name: Name, last: str) -> str:
    """Return what is wrong with a name, if anything.

    Args:
        name: what a field names.
        last: type of the newest event of its stream; empty: there is no such stream.
    """
    kind, _, step = last.partition(".")
    if step not in Life._fields:
        return "names no entry that exists"
    if kind in name.kinds:
        return ""
    return f"names an entry of another kind; it may be: {', '.join(name.kinds)}"


def _term_fault(term: TermName, found: LastEvent | None) -> str:
    """Return what is wrong with a term, if anything."""
    if found is None:
        return f"names no term of the vocabulary {term.vocabulary}"
    if found.type.endswith(f".{RETIRED}"):
        return f"names a term of the vocabulary {term.vocabulary} that is retired"
    return ""
