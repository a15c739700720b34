"""The whole content of a revision, long texts included, read from the log."""

from typing import Any
from uuid import UUID

from events import entry as facts
from write_side.entry.state import first_of
from write_side.log.streams import END, Streams


async def content_at(
    streams: Streams, stream: UUID, *, revision: int | None = None, version: int = END
) -> dict[str, Any]:
    """Return every field of the content as JSON values, and `translated_from`.

    Args:
        streams: where the log is read.
        stream: the entry.
        revision: the revision wanted; None for the newest one at the version.
        version: the last stream version to regard.
    """
    content: dict[str, Any] = {}
    async for page in streams.pages(stream, upto=version):
        for recorded in page:
            event = recorded.event
            if isinstance(event, facts.Created):
                content = first_of(event)
            elif isinstance(event, facts.Revised):
                if revision is not None and event.revision > revision:
                    return content
                content |= event.after()
    return content
