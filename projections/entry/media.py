"""What happens to pictures, in their table: entries are shown with them, so it is one read model."""

from collections.abc import Iterable
from typing import Any

import msgspec
from sqlalchemy import Table

from events.base import Event, Recorded
from events.content.pictures import DESCRIPTION
from events.media import MediaDescribed, MediaRegistered, MediaRestored, MediaSuppressed
from projections.projection import Handler, New, Outdated, Put, RowChange, RowKey, Rows
from read_side.pictures import media_tag


class MediaHandlers:
    """The handlers of pictures.

    Args:
        media: their table.
    """

    def __init__(self, media: Table) -> None:
        self.media = media
        self.of: dict[type[Event], Handler] = {
            MediaRegistered: self.registered,
            MediaDescribed: self.described,
            MediaSuppressed: self.suppressed,
            MediaRestored: self.restored,
        }

    def row(self, recorded: Recorded[Any]) -> Iterable[tuple[Table, RowKey]]:
        """Return the row that the handler of an event on a picture that is there asks for."""
        return ((self.media, (recorded.stream,)),)

    def registered(self, recorded: Recorded[Any], _rows: Rows) -> Iterable[RowChange]:
        event, at = recorded.event, recorded.at
        row = {
            "id": recorded.stream,
            "version": recorded.version,
            "file": event.key.rpartition("/")[2],
            "key": event.key,
            "size": event.size,
            "type": event.type,
            "width": event.width,
            "height": event.height,
            "colour": event.colour,
            "said": dict(NOTHING_SAID),
            "suppressed": False,
            "registered": recorded.position,
            "registered_at": at,
            "updated_at": at,
        }
        return (New(self.media, row),)

    def described(self, recorded: Recorded[Any], _rows: Rows) -> Iterable[RowChange]:
        return (self._changed(recorded, said=_said(recorded.event)),)

    def suppressed(self, recorded: Recorded[Any], rows: Rows) -> Iterable[RowChange | Outdated]:
        return self._for_all(recorded, rows, suppressed=True)

    def restored(self, recorded: Recorded[Any], rows: Rows) -> Iterable[RowChange | Outdated]:
        return self._for_all(recorded, rows, suppressed=False)

    def _for_all(
        self, recorded: Recorded[Any], rows: Rows, *, suppressed: bool
    ) -> Iterable[RowChange | Outdated]:
        """Yield what hides a picture or shows it again, and with it others of the same bytes."""
        row = rows.get(self.media, recorded.stream)
        if row is None:
            raise LookupError("the picture is not there: its registration was not applied")
        return self._changed(recorded, suppressed=suppressed), Outdated(media_tag(row["file"]))

    def _changed(self, recorded: Recorded[Any], **columns: Any) -> Put:
        known = {"id": recorded.stream, "version": recorded.version, "updated_at": recorded.at}
        return Put(self.media, known | columns)


def _said(event: Any) -> dict[str, Any]:
    return {field.name: msgspec.to_builtins(getattr(event, field.name)) for field in DESCRIPTION}


NOTHING_SAID = _said(MediaDescribed())
"""What is said of a picture that nobody has described."""
