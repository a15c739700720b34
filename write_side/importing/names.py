"""Whether there is what a record names: in the log, or in what is about to be appended."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from write_side.entry.kind import EntryKind
from write_side.entry.names import faults, new_names
from write_side.entry.state import State
from write_side.importing.record import SetAside
from write_side.log.streams import Streams
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
        self, kind: EntryKind, before: State | None, given: Mapping[str, Any], begun: Mapping[UUID, str]
    ) -> None:
        """Refuse fields that name what is not there, or an entry of another kind than they may.

        Args:
            kind: of the entry.
            before: what it is.
            given: what becomes of some of its fields.
            begun: streams that are about to begin → type of their first event.

        Raises:
            SetAside: with a pointer to each name.
        """
        new = list(new_names(kind.content.FIELDS, before.content if before else {}, given))
        if not new:
            return
        unknown = {one.entry for one in new} - begun.keys()
        found = await self._others.begun(unknown) if unknown else {}
        if wrong := faults(new, {**begun, **found}):
            raise SetAside("; ".join(f"{one['pointer']}: {one['detail']}" for one in wrong[:MOST_TOLD]))
