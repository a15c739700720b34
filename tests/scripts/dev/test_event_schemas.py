"""The JSON Schemas of events: what is stored keeps to them, and no build breaks those who read by them."""

import copy
import json
import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from events.catalog import EVENTS
from events.schemas import breaks, schema_of
from kit.errors import Refused
from scripts.dev.event_schemas import FOLDER, broken, path_of, stale, write
from tests.events.new_golden import GOLDEN

META = Draft202012Validator(Draft202012Validator.META_SCHEMA)
CREATED = next(event for event in EVENTS if event.TYPE == "aircraft.created")


def test_the_committed_schemas_are_those_of_this_build() -> None:
    assert [] == stale(), "run python -m scripts.dev.event_schemas"


def test_each_schema_that_was_ever_stored_has_a_file_and_there_is_no_other() -> None:
    assert {file.name for file in GOLDEN.iterdir()} == {file.name for file in FOLDER.iterdir()}


@pytest.mark.parametrize("file", sorted(GOLDEN.iterdir()), ids=lambda file: file.name)
def test_what_is_stored_keeps_to_its_schema(file: Path) -> None:
    validator = Draft202012Validator(json.loads((FOLDER / file.name).read_text("utf-8")))
    validator.check_schema(validator.schema)
    assert [] == list(validator.iter_errors(json.loads(file.read_text("utf-8"))))


def set_at(*path: str, value: Any) -> Callable[[dict[str, Any]], None]:
    """Return a change that sets a member; without a value, one that takes it away."""

    def change(schema: dict[str, Any]) -> None:
        for step in path[:-1]:
            schema = schema[step]
        if value is None:
            del schema[path[-1]]
        else:
            schema[path[-1]] = value

    return change


CONTENT = ("$defs", "AircraftContent")
BREAKING = [
    (set_at("properties", "slug", value=None), "/slug is gone"),
    (set_at("required", value=["content"]), "/slug may be missing"),
    (set_at("properties", "slug", "type", value="integer"), "/slug has another type"),
    (set_at("properties", "slug", "maxLength", value=121), "/slug may be larger"),
    (set_at("properties", "slug", "minLength", value=0), "/slug may be smaller"),
    (set_at("properties", "slug", "maxLength", value=None), "/slug may be larger"),
    (set_at("properties", "slug", "pattern", value=".*"), "/slug has another form"),
    (set_at(*CONTENT, "properties", "title", value=None), "/content/title is gone"),
    (set_at(*CONTENT, "properties", "country", value={}), "/content/country may be something else"),
    (set_at(*CONTENT, "properties", "purposes", "items", "type", value="null"), "/content/purposes/* has"),
    (set_at("$defs", "Localized", "properties", "ru", value=None), "/content/title/ru is gone"),
]
HARMLESS = [
    set_at("properties", "more", value={"type": "string"}),
    set_at("required", value=["slug", "content", "more"]),
    set_at("properties", "slug", "maxLength", value=100),
    set_at("properties", "slug", "enum", value=["an-2"]),
    set_at("description", value="In other words."),
    set_at(*CONTENT, "properties", "country", value={"type": "null"}),
]


@pytest.mark.parametrize(("change", "said"), BREAKING, ids=[said for _, said in BREAKING])
def test_what_readers_could_not_bear_is_named(change: Callable[[dict[str, Any]], None], said: str) -> None:
    new = copy.deepcopy(schema_of(CREATED))
    change(new)
    found = breaks(schema_of(CREATED), new)
    assert any(one.startswith(said) for one in found), found
    assert breaks(new, new) == []


@pytest.mark.parametrize("change", HARMLESS)
def test_what_they_can_bear_breaks_nothing(change: Callable[[dict[str, Any]], None]) -> None:
    new = copy.deepcopy(schema_of(CREATED))
    change(new)
    assert [] == breaks(schema_of(CREATED), new)


def test_a_build_that_would_break_them_writes_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "schemas"
    shutil.copytree(FOLDER, folder)
    file = path_of(CREATED, folder)
    earlier = json.loads(file.read_text("utf-8"))
    earlier["properties"]["place"] = {"type": "string"}
    file.write_text(json.dumps(earlier), encoding="utf-8")
    assert ["aircraft.created 1: /place is gone"] == broken(folder)
    with pytest.raises(Refused, match="place is gone"):
        write(folder)
    assert earlier == json.loads(file.read_text("utf-8"))


def test_what_is_said_to_break_nothing_lets_nothing_through_that_was_not_allowed() -> None:
    """Schemas and documents are bent at random; the library says what is valid."""
    chance = random.Random(11)  # noqa: S311 - an adversary, not a secret
    judged = 0
    for event in EVENTS:
        old = schema_of(event)
        stored = json.loads((GOLDEN / f"{event.TYPE}.{event.SCHEMA}.json").read_text("utf-8"))
        before = Draft202012Validator(old)
        for _ in range(3):
            new = bent(old, chance)
            if not META.is_valid(new) or breaks(old, new):
                continue
            after = Draft202012Validator(new)
            for _ in range(8):
                document = bent(stored, chance)
                if after.is_valid(document):
                    judged += 1
                    assert before.is_valid(document), (event.TYPE, new, document)
    assert judged > 200


def bent(whole: Any, chance: random.Random) -> Any:
    """Return a JSON value with one member taken away, or put in place of another."""
    whole = copy.deepcopy(whole)
    places = [*within(whole)]
    if places:
        holder, key = chance.choice(places)
        if chance.random() < 0.5:
            del holder[key]
        else:
            other, name = chance.choice(places)
            holder[key] = copy.deepcopy(other[name]) if name in other or isinstance(other, list) else None
    return whole


def within(value: Any, *, parts: bool = False) -> Iterator[tuple[Any, Any]]:
    """Yield each place in a JSON value, but references and the parts that they lead to."""
    names = value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for name in names:
        if not parts and name not in {"$ref", "$defs", "$id", "$schema", "properties"}:
            yield value, name
        yield from within(value[name], parts=name == "$defs")
