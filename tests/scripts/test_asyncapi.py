"""The committed AsyncAPI document says what is really sent."""

import os
import subprocess
import sys
from typing import Any

import orjson

from events.catalog import EVENTS
from kit.ids import named_id
from projections.message import cloud_event
from scripts.asyncapi import PATH, document, text
from tests.projections.whole_life import whole_life


def test_the_committed_document_is_that_of_this_build() -> None:
    assert PATH.read_text(encoding="utf-8") == text(), "run python -m scripts.asyncapi"


def test_the_document_does_not_depend_on_the_run() -> None:
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}  # noqa: TID251 - handed on to the child
        command = [sys.executable, "-c", "from scripts.asyncapi import text; print(text(), end='')"]
        run = subprocess.run(command, env=environment, capture_output=True, check=True, timeout=60)
        assert run.stdout.decode() == text()


def test_every_stored_event_is_described() -> None:
    assert list(document()["components"]["messages"]) == [cls.TYPE for cls in EVENTS]
    for channel in document()["channels"].values():
        assert list(channel["messages"]) == [cls.TYPE for cls in EVENTS]


def test_every_reference_leads_somewhere() -> None:
    whole = document()
    for reference in references(whole):
        found: Any = whole
        for step in reference.removeprefix("#/").split("/"):
            found = found[step]
        assert found


def test_what_is_sent_has_the_attributes_that_are_described() -> None:
    envelope = document()["components"]["schemas"]["CloudEvent"]
    for recorded in whole_life():
        sent = orjson.loads(cloud_event(recorded, named_id("log", "1"), "1").body)
        assert set(envelope["required"]) <= set(sent) <= set(envelope["properties"])
        described = document()["components"]["schemas"][type(recorded.event).__name__]
        assert set(sent["data"]) <= set(described.get("properties", {}))


def references(value: Any) -> list[str]:
    """Return every $ref in a JSON value."""
    if isinstance(value, dict):
        own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
        return own + [found for inner in value.values() for found in references(inner)]
    if isinstance(value, list):
        return [found for inner in value for found in references(inner)]
    return []
