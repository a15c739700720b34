"""Whether there is what a record names: in the log, or in what is about to be appended."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from write_side.entry.kind import EntryKind
from write_side.entry.names import NewNames
from write_side.entry.state import State
from write_side.importing.record import SetAside
from write_side.log.streams import LastEvent, Streams
from write_side.others import Others
from write_side.states import States

MOST_TOLD = 3


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
    ) -> Mapping[UUID, int]:
        """Refuse fields that name what is not there, an entry of another kind than they may, or no term.

        Args:
            kind: of the entry.
            before: what it is.
            given: what becomes of some of its fields.
            pending: streams on which something is about to be appended → how far they will be.

        Returns:
            Streams of terms in the log → the version at which they have to be.

        Raises:
            SetAside: with a pointer to each name.
        """
        new = NewNames.of(kind.content.FIELDS, before.content if before else {}, given)
        unknown = new.streams - pending.keys()
        found: Mapping[UUID, LastEvent] = await self._others.last_of(unknown) if unknown else {}
        if _faults(new, {**pending, **found}):
            found = await self._others.last_of(unknown, now=True)
        if wrong := _faults(new, {**pending, **found}):
            raise SetAside("; ".join(f"{one['pointer']}: {one['detail']}" for one in wrong[:MOST_TOLD]))
        return {stream: found[stream].version for stream in new.terms if stream in found}

    def forget(self) -> None:
        """Look everything up again: something is not as it was."""
        self._others.forget()


def _faults(new: NewNames, found: Mapping[UUID, LastEvent]) -> list[dict[str, str]]:
    return [*new.entry_faults(found), *new.term_faults(found)]
