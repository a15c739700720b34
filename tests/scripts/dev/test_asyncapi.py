"""The committed AsyncAPI document says what is really sent."""

import os
import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest

from events.catalog import EVENTS
from kit.ids import named_id
from kit.log.chain import Seal
from projections.forwarding.message import cloud_event
from projections.notary.seals import message
from scripts.dev.asyncapi import PATH, PUBLIC_TYPES, document, text
from tests.given.whole_life import whole_life
from tests.journeys.test_generated_clients import installed, missing, run


def test_the_committed_document_is_that_of_this_build() -> None:
    assert PATH.read_text(encoding="utf-8") == text(), "run python -m scripts.dev.asyncapi"


def test_the_document_does_not_depend_on_the_run() -> None:
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}  # noqa: TID251 - handed on to the child
        command = [sys.executable, "-c", "from scripts.dev.asyncapi import text; print(text(), end='')"]
        run = subprocess.run(command, env=environment, capture_output=True, check=True, timeout=240)
        assert run.stdout.decode() == text()


def test_every_stored_event_and_the_seal_of_the_log_are_described() -> None:
    sent = [*(cls.TYPE for cls in EVENTS), "log.sealed"]
    assert [*sent, *PUBLIC_TYPES] == list(document()["components"]["messages"])
    for name, channel in document()["channels"].items():
        assert (list(PUBLIC_TYPES) if "public" in name else sent) == list(channel["messages"])


def test_a_seal_goes_out_by_itself_and_not_as_an_event_that_is_forwarded() -> None:
    operations = document()["operations"]
    sent = {
        name: [one["$ref"].rpartition("/")[2] for one in operations[name]["messages"]]
        for name in ("forward", "seal")
    }
    assert {"forward": [cls.TYPE for cls in EVENTS], "seal": ["log.sealed"]} == sent


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


def test_a_seal_has_the_attributes_that_are_described() -> None:
    schemas = document()["components"]["schemas"]
    sent = message(named_id("log", "1"), Seal(7, bytes(range(32))), datetime(2026, 3, 1, tzinfo=UTC))
    body = orjson.loads(sent.body)
    assert set(schemas["SealEvent"]["required"]) == set(body)
    assert set(schemas["Sealed"]["required"]) == set(body["data"])
    assert [sent.routing_key] == schemas["SealEvent"]["properties"]["type"]["enum"]
    assert re.fullmatch(schemas["Sealed"]["properties"]["chain"]["pattern"], body["data"]["chain"])


PARSED = """
import { readFileSync } from 'node:fs'
import { Parser } from '@asyncapi/parser'
const { document, diagnostics } = await new Parser().parse(readFileSync(process.argv[2], 'utf8'))
const wrong = diagnostics.filter((one) => one.severity < 2).map((one) => one.message)
console.log(JSON.stringify({ version: document?.version(), wrong }))
"""


@pytest.mark.prove
def test_the_public_parser_finds_nothing_wrong_with_it(tmp_path: Path) -> None:
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm is None or node is None:
        missing("npm and node are not installed")
    (tmp_path / "package.json").write_text('{"private": true, "type": "module"}')
    parser = "@asyncapi/parser@3.4.0"
    installed(npm, "install", "--silent", "--no-audit", "--no-fund", parser, folder=tmp_path)
    (tmp_path / "parse.js").write_text(PARSED)
    said = orjson.loads(run(node, "parse.js", PATH, folder=tmp_path))
    assert {"version": "3.0.0", "wrong": []} == said


def references(value: Any) -> list[str]:
    """Return every $ref in a JSON value."""
    if isinstance(value, dict):
        own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
        return own + [found for inner in value.values() for found in references(inner)]
    if isinstance(value, list):
        return [found for inner in value for found in references(inner)]
    return []
