"""Golden files: the payload of every (type, schema) ever stored, which every later build must read."""

from pathlib import Path

import msgspec
import pytest

from events.catalog import EVENTS
from events.codec import CODEC
from tests.events.examples import EXAMPLES

GOLDEN = Path(__file__).parent / "golden"
FILES = sorted(GOLDEN.glob("*.json"))


def test_every_event_of_the_catalogue_has_an_example_and_a_golden_file() -> None:
    assert {cls.TYPE for cls in EVENTS} == {event.TYPE for event in EXAMPLES}
    assert {f"{cls.TYPE}.{cls.SCHEMA}.json" for cls in EVENTS} <= {file.name for file in FILES}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_golden_file_is_read_by_the_code_of_the_day(file: Path) -> None:
    type_, schema = file.stem.rsplit(".", 1)
    assert CODEC.decode(type_, int(schema), file.read_bytes()).TYPE == type_


@pytest.mark.parametrize("event", EXAMPLES, ids=lambda event: event.TYPE)
def test_what_is_written_today_is_what_the_golden_file_holds(event: msgspec.Struct) -> None:
    """A difference is a new schema: raise SCHEMA, add an upcaster and a golden file beside this one."""
    stored = CODEC.encode(event)  # type: ignore[arg-type]  # every example is an Event
    golden = (GOLDEN / f"{stored.type}.{stored.schema}.json").read_bytes()
    assert msgspec.json.decode(golden) == msgspec.json.decode(stored.payload)
