"""The pure parts of AMQP: addresses, the count of confirms, and bytes on the wire."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pamqp import body, commands, frame, header

from kit.broker.amqp.address import Address, parse
from kit.broker.amqp.confirms import Confirms
from kit.broker.amqp.wire import HEARTBEAT, Frame, IncomingFrames, Message, encode


def message(**fields: object) -> Message:
    plain = {
        "exchange": "frankenjet.events",
        "routing_key": "article.published",
        "body": b"{}",
        "message_id": "m-1",
        "content_type": "application/json",
        "timestamp": 1_700_000_000,
        "headers": {"x-position": 7, "x-epoch": "ё"},
    }
    return Message(**{**plain, **fields})  # type: ignore[arg-type]


def frames_of(data: bytes) -> list[Frame]:
    return list(IncomingFrames().feed(data))


def test_a_short_address_means_a_guest_on_the_standard_port() -> None:
    assert parse("amqp://") == Address("localhost", 5672, "guest", "guest", "/", tls=False, heartbeat=4)


def test_every_part_of_an_address_counts() -> None:
    expected = Address("broker.example", 5671, "a@b", "p:/", "fj/test", tls=True, heartbeat=3)
    assert parse("amqps://a%40b:p%3A%2F@broker.example/fj%2Ftest?heartbeat=3") == expected


@pytest.mark.parametrize("url", ["http://host/", "amqp://host:port/", "amqp://host/?heartbeat=soon", ""])
def test_what_is_no_address_is_refused_without_quoting_it(url: str) -> None:
    with pytest.raises(ValueError, match="broker's URL") as caught:
        parse(url)
    assert not url or url not in str(caught.value)


def test_an_address_never_shows_its_password() -> None:
    shown = parse("amqp://someone:hush@host/")
    assert "hush" not in f"{shown} {shown!r}"


def test_a_message_is_written_as_the_protocol_demands() -> None:
    publish, properties, content = frames_of(encode(message(body=b"words"), 131_072))
    assert isinstance(publish, commands.Basic.Publish)
    assert (publish.exchange, publish.routing_key, publish.mandatory) == (
        "frankenjet.events",
        "article.published",
        True,
    )
    assert isinstance(properties, header.ContentHeader)
    assert properties.body_size == 5
    assert properties.properties.delivery_mode == 2
    assert properties.properties.message_id == "m-1"
    assert properties.properties.content_type == "application/json"
    assert properties.properties.headers == {"x-position": 7, "x-epoch": "ё"}
    assert properties.properties.timestamp is not None
    assert properties.properties.timestamp.timestamp() == 1_700_000_000
    assert isinstance(content, body.ContentBody)
    assert content.value == b"words"


def test_a_long_body_is_cut_to_the_agreed_frame_size() -> None:
    data = encode(message(body=b"x" * 10_000), 4_096)
    bodies = [part.value for part in frames_of(data) if isinstance(part, body.ContentBody)]
    assert [len(part) for part in bodies] == [4_088, 4_088, 1_824]
    assert b"".join(bodies) == b"x" * 10_000


def test_an_empty_body_has_no_body_frame() -> None:
    assert len(frames_of(encode(message(body=b""), 4_096))) == 2


def test_a_name_that_is_too_long_is_refused() -> None:
    with pytest.raises(ValueError, match="255 bytes"):
        encode(message(message_id="ё" * 128), 4_096)


@given(cuts=st.lists(st.integers(min_value=1, max_value=40), max_size=60))
def test_frames_survive_any_cut_of_the_stream(cuts: list[int]) -> None:
    acks = [commands.Basic.Ack(number, multiple=bool(number % 2)) for number in range(1, 20)]
    data = b"".join(frame.marshal(ack, 1) for ack in acks) + HEARTBEAT
    incoming, seen, start = IncomingFrames(), [], 0
    for cut in [*cuts, len(data)]:
        seen += list(incoming.feed(data[start : start + cut]))
        start += cut
    assert [ack.delivery_tag for ack in acks] == [
        value.delivery_tag for value in seen if isinstance(value, commands.Basic.Ack)
    ]
    assert len(seen) == len(acks) + 1


@pytest.mark.parametrize(
    "data", [b"HTTP/1.1 400 Bad Request\r\n", b"AMQP\x00\x00\x09\x01", b"\x01\x00\x01\xff\xff\xff\xff"]
)
def test_another_protocol_is_recognised(data: bytes) -> None:
    with pytest.raises(ValueError, match="does not speak AMQP"):
        frames_of(data)


def test_confirms_in_any_order_count_only_without_a_hole() -> None:
    confirms = Confirms()
    confirms.sent = 6
    confirms.confirm(2, multiple=False)
    confirms.confirm(3, multiple=False)
    assert confirms.contiguous == 0
    confirms.confirm(1, multiple=False)
    assert confirms.contiguous == 3
    confirms.confirm(5, multiple=True)
    assert confirms.contiguous == 5
    confirms.confirm(0, multiple=True)
    assert confirms.contiguous == 6


def test_nothing_behind_a_refused_message_counts() -> None:
    confirms = Confirms()
    confirms.sent = 9
    confirms.refuse(4)
    confirms.confirm(9, multiple=True)
    assert confirms.contiguous == 3
    assert confirms.refused


def test_a_refusal_of_many_begins_at_the_first_that_is_open() -> None:
    confirms = Confirms()
    confirms.sent = 9
    confirms.confirm(4, multiple=True)
    confirms.refuse(8, multiple=True)
    assert confirms.contiguous == 4
    assert confirms.refused


@pytest.mark.parametrize("number", [0, 4])
def test_a_confirm_of_what_was_never_sent_is_an_error(number: int) -> None:
    confirms = Confirms()
    confirms.sent = 3
    with pytest.raises(ValueError, match="3 were sent"):
        confirms.confirm(number, multiple=False)


@given(
    answers=st.lists(
        st.tuples(st.integers(min_value=1, max_value=7), st.booleans(), st.booleans()), max_size=60
    )
)
def test_the_count_equals_that_of_a_plain_list(answers: list[tuple[int, bool, bool]]) -> None:
    confirms = Confirms()
    confirms.sent = 7
    safe: set[int] = set()
    bad: set[int] = set()
    for number, multiple, refused in answers:
        named = range(1, number + 1) if multiple else (number,)
        if refused:
            confirms.refuse(number, multiple=multiple)
            bad |= {one for one in named if one not in safe or one == number}
        else:
            confirms.confirm(number, multiple=multiple)
            safe |= set(named)
        expected = next(one for one in range(1, 9) if one not in safe or one in bad) - 1
        assert expected == confirms.contiguous
