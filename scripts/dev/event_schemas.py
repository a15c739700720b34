"""The JSON Schemas of events, written to docs/: a file for each type and version, which others build on."""

import json
from pathlib import Path

from events.base import Event
from events.catalog import EVENTS
from events.schemas import breaks, schema_of
from kit.checkout import ROOT
from kit.errors import Refused

FOLDER = ROOT / "docs" / "event-schemas"


def path_of(event: type[Event], folder: Path = FOLDER) -> Path:
    """Return where the schema of an event stands."""
    return folder / f"{event.TYPE}.{event.SCHEMA}.json"


def text_of(event: type[Event]) -> str:
    """Return the schema of an event as it is committed."""
    return json.dumps(schema_of(event), ensure_ascii=False, indent=2) + "\n"


def broken(folder: Path = FOLDER) -> list[str]:
    """Return each published schema that events of this build would break, and how."""
    return [
        f"{event.TYPE} {event.SCHEMA}: {what}"
        for event in EVENTS
        if path_of(event, folder).exists()
        for what in breaks(json.loads(path_of(event, folder).read_text("utf-8")), schema_of(event))
    ]


def stale(folder: Path = FOLDER) -> list[str]:
    """Return the names of files that are not those of this build."""
    return [
        path_of(event, folder).name
        for event in EVENTS
        if not path_of(event, folder).exists() or path_of(event, folder).read_text("utf-8") != text_of(event)
    ]


def write(folder: Path = FOLDER) -> None:
    """Write the schemas of this build; those of earlier versions stay.

    Raises:
        Refused: an event would break those who read it by its published schema. It needs another version.
    """
    if found := broken(folder):
        raise Refused(
            [*found, "An event that changes like this needs a new schema version, and an upcaster."]
        )
    folder.mkdir(exist_ok=True)
    for event in EVENTS:
        path_of(event, folder).write_text(text_of(event), encoding="utf-8")


if __name__ == "__main__":
    write()
