"""Whether there is what a revision names: it is looked up before it is believed."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from uuid import UUID

from events.content.field import Name
from kit.errors import Problem
from write_side.entry.work import EntryWork
from write_side.problem_types import NO_SUCH_ENTRY


async def check_names(work: EntryWork, before: Mapping[str, Any], given: Mapping[str, Any]) -> None:
    """Refuse fields that name what is not there, or an entry of another kind than they may.

    What a field names already is not asked about again. What is found stays true: no stream is ever deleted.

    Args:
        work: the command.
        before: the content until now, as JSON values.
        given: what becomes of some of its fields.

    Raises:
        Problem: 422 with a pointer to each name, or 503.
    """
    new = list(new_names(work.aggregate.content.FIELDS, before, given))
    if not new:
        return
    if errors := faults(new, await work.others.begun({name.entry for name in new})):
        raise Problem(NO_SUCH_ENTRY, errors=errors)


def faults(names: Iterable[Name], begun: Mapping[UUID, str]) -> list[dict[str, str]]:
    """Return the places that name what is not there, or an entry of another kind than they may.

    Args:
        names: what fields name.
        begun: stream → type of its first event, of those that there are.
    """
    return [
        {"pointer": name.pointer, "detail": detail}
        for name in names
        if (detail := _fault(name, begun.get(name.entry, "")))
    ]


def new_names(
    fields: Mapping[str, Any], before: Mapping[str, Any], given: Mapping[str, Any]
) -> Iterator[Name]:
    """Yield what fields name that they did not name before, with pointers into the body."""
    for field, value in given.items():
        names = list(fields[field].names(value))
        if not names:
            continue
        known = {one.entry for one in fields[field].names(before.get(field))}
        yield from (one._replace(pointer=f"/{field}{one.pointer}") for one in names if one.entry not in known)


def _fault(name: Name, begins: str) -> str:
    """Return what is wrong with a name, if anything.

    Args:
        name: what a field names.
        begins: type of the first event of its stream; empty: there is no such stream.
    """
    kind, _, step = begins.partition(".")
    if step != "created":
        return "names no entry that exists"
    if kind in name.kinds:
        return ""
    return f"names an entry of another kind; it may be: {', '.join(name.kinds)}"
