"""What bots receive: CloudEvents that any library of theirs can read."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import orjson
import pytest
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent as Checked
from hypothesis import assume, given
from hypothesis import strategies as st
from msgspec.structs import replace

from events.base import Foreign, Meta, Recorded
from events.codec import CODEC
from events.entry import Published
from events.kinds.article import ARTICLE
from kit.broker.amqp.wire import encode
from kit.ids import named_id
from projections.forwarding.message import CONTENT_TYPE, cloud_event
from tests.events.examples import EXAMPLES
from tests.given.whole_life import whole_life
from tests.projections.lives import DAWN, EDITOR, Log

LOG_ID = named_id("log", "test")
EPOCH = "7312345-1"


def published(**meta: Any) -> Recorded[Published]:
    event = ARTICLE.life.published(revision=4, title="Ту-144", slug="tu-144", locale="ru", summary="")
    caused = Meta(**{"actor": EDITOR, "command": named_id("command", "1"), **meta})
    return Recorded(7, named_id("entry", "1"), 3, named_id("event", "7"), DAWN, caused, event)


def test_a_message_is_named_and_routed_by_its_event() -> None:
    message = cloud_event(published(), LOG_ID, EPOCH)
    assert message.exchange == "frankenjet.events"
    assert message.routing_key == "article.published"
    assert message.message_id == str(named_id("event", "7"))
    assert message.content_type == CONTENT_TYPE
    assert message.timestamp == int(DAWN.timestamp())
    assert message.headers == {"x-position": 7, "x-logid": str(LOG_ID), "x-epoch": EPOCH}


def test_the_envelope_says_where_the_event_stands_and_who_caused_it() -> None:
    first = named_id("command", "0")
    body = orjson.loads(
        cloud_event(
            published(reason="true title", client="bot", correlation=first, causation=first), LOG_ID, EPOCH
        ).body
    )
    assert body == {
        "specversion": "1.0",
        "id": str(named_id("event", "7")),
        "source": f"/frankenjet/logs/{LOG_ID}",
        "type": "article.published",
        "subject": f"article/{named_id('entry', '1')}",
        "time": "2026-03-01T00:00:00Z",
        "datacontenttype": "application/json",
        "schemaversion": 1,
        "position": 7,
        "streamversion": 3,
        "logid": str(LOG_ID),
        "epoch": EPOCH,
        "actor": str(EDITOR),
        "command": str(named_id("command", "1")),
        "client": "bot",
        "reason": "true title",
        "correlation": str(first),
        "causation": str(first),
        "data": {"revision": 4, "title": "Ту-144", "slug": "tu-144", "locale": "ru", "summary": ""},
    }


def others() -> list[Recorded[Any]]:
    """Return an event of each class that an article's life does not have."""
    log = Log()
    lived = {recorded.type for recorded in whole_life()}
    for event in EXAMPLES:
        if event.TYPE not in lived:
            log.add(named_id(event.TYPE), event)
    return log.events


def test_every_event_of_a_life_is_a_cloud_event_and_its_data_is_the_event() -> None:
    events = [*whole_life(), *others()]
    assert set(CODEC.classes) == {recorded.type for recorded in events}
    for recorded in events:
        message = cloud_event(recorded, LOG_ID, EPOCH)
        checked = JSONFormat().read(Checked, message.body)
        assert checked.get_id() == str(recorded.id)
        assert checked.get_type() == recorded.type == message.routing_key
        assert checked.get_time() == recorded.at
        assert checked.get_extension("position") == recorded.position
        data = msgspec.json.encode(checked.get_data())
        assert CODEC.decode(recorded.type, checked.get_extension("schemaversion"), data) == recorded.event


def test_the_same_event_always_makes_the_same_message() -> None:
    assert cloud_event(published(), LOG_ID, EPOCH) == cloud_event(published(), LOG_ID, EPOCH)


def test_an_event_of_the_library_or_of_a_foreign_clock_is_a_message_as_well() -> None:
    """One that could not be sent would hold up all that follow."""
    name = "я" * 200
    for at in (DAWN, datetime(1961, 4, 12, tzinfo=UTC)):
        foreign = replace(published(), event=Foreign(name=name, payload=b"any"), at=at)
        message = cloud_event(foreign, LOG_ID, EPOCH)
        assert encode(message, 131_072)
        assert (message.routing_key, orjson.loads(message.body)["type"]) == (name[:127], name)


def test_what_is_not_known_is_left_out() -> None:
    body = orjson.loads(cloud_event(published(), LOG_ID, EPOCH).body)
    assert not {"reason", "correlation", "causation"} & set(body)


@pytest.mark.parametrize(
    "reason", ["two\nlines", "a\ttab", "an \x1b[31mescape", "a \x7f delete", "a \x85 end"]
)
def test_a_reason_that_a_cloud_event_could_not_carry_is_refused_and_one_of_an_earlier_build_becomes_one_line(
    reason: str,
) -> None:
    with pytest.raises(ValueError, match="one line of printable characters"):
        published(reason=reason)
    stored = {"actor": str(EDITOR), "command": str(named_id("command", "1")), "reason": reason}
    earlier = msgspec.structs.replace(published(), meta=CODEC.decode_meta(msgspec.json.encode(stored)))
    body = cloud_event(earlier, LOG_ID, EPOCH).body
    JSONFormat().read(Checked, body)
    told = orjson.loads(body)["reason"]
    assert (True, len(reason)) == (told.isprintable(), len(told))


@given(reason=st.text(max_size=200))
def test_any_reason_that_the_log_takes_makes_a_valid_cloud_event(reason: str) -> None:
    try:
        recorded = published(reason=reason)
    except ValueError:
        assume(False)  # noqa: FBT003 - the only argument that it has
    body = cloud_event(recorded, LOG_ID, EPOCH).body
    JSONFormat().read(Checked, body)
    assert reason == orjson.loads(body).get("reason", "")
