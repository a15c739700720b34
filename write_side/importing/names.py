"""Whether there is what a record names: in the log, or in what is about to be appended."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from write_side.entry.kind import EntryKind
from write_side.entry.names import NewNames
from write_side.entry.pictures import judged_pictures
from write_side.entry.state import State
from write_side.importing.record import Record, SetAside
from write_side.log.streams import LastEvent, Streams
from write_side.others import Others
from write_side.states import States

MOST_TOLD = 3


class CheckedNames(NamedTuple):
    """What was found of that which a record names."""

    versions: Mapping[UUID, int]
    """Streams of terms and pictures in the log → the version at which they have to be."""
    lacks: str = ""
    """Why readers must not see it with the pictures that it has; empty: they may."""


class RecordNames:
    """Looks up what records name.

    Args:
        streams: where the log is read.
    """

    def __init__(self, streams: Streams) -> None:
        self._others = Others(streams, States())

    async def check(
        self,
        kind: EntryKind,
        before: State | None,
        given: Mapping[str, Any],
        pending: Mapping[UUID, LastEvent],
        record: Record,
    ) -> CheckedNames:
        """Refuse fields that name what is not there, an entry of another kind than they may, or no term.

        Args:
            kind: of the entry.
            before: what it is.
            given: what becomes of some of its fields.
            pending: streams on which something is about to be appended → how far they will be.
            record: says whether readers are to see it, and in which language it is.

        Raises:
            SetAside: with a pointer to each name.
        """
        known = before.content if before else {}
        new = NewNames.of(kind.content.FIELDS, known, given)
        unknown = new.streams - pending.keys()
        found: Mapping[UUID, LastEvent] = await self._others.last_of(unknown) if unknown else {}
        if _faults(new, {**pending, **found}):
            found = await self._others.last_of(unknown, now=True)
        if wrong := _faults(new, {**pending, **found}):
            raise SetAside(said(wrong))
        versions = {stream: found[stream].version for stream in new.terms if stream in found}
        if not record.publish:
            return CheckedNames(versions)
        pictures = await judged_pictures(self._others, kind, record.locale, {**known, **given})
        return CheckedNames({**versions, **pictures.versions}, said(pictures.lacking))

    def forget(self) -> None:
        """Look everything up again: something is not as it was."""
        self._others.forget()


def said(faults: Sequence[Mapping[str, str]]) -> str:
    """Return the first of some faults in a line."""
    return "; ".join(f"{one['pointer']}: {one['detail']}" for one in faults[:MOST_TOLD])


def _faults(new: NewNames, found: Mapping[UUID, LastEvent]) -> list[dict[str, str]]:
    return [*new.entry_faults(found), *new.term_faults(found)]
