"""A bot gets events as their classes; those of a newer build it still gets as what they say of themselves."""

import orjson
import pytest

from kit.ids import named_id
from projections.forwarding.message import cloud_event
from scripts.bot.typed import typed
from tests.given.whole_life import whole_life


def test_each_event_of_a_life_comes_back_as_it_was() -> None:
    for recorded in whole_life():
        told, event = typed(cloud_event(recorded, named_id("log", "1"), "1").body)
        assert recorded.event == event
        assert (recorded.id, recorded.position, recorded.at) == (told.id, told.position, told.time)


def test_an_event_of_a_newer_build_is_told_without_its_class() -> None:
    said = orjson.loads(cloud_event(whole_life()[0], named_id("log", "1"), "1").body)
    newer = orjson.dumps(said | {"type": "airport.built"})
    told, event = typed(newer)
    assert ("airport.built", None) == (told.type, event)


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b'{"type": 5}'])
def test_what_is_no_event_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        typed(body)
