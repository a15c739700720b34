"""What is decided about pictures: given these events, when this is wished, then those events."""

import pytest

from events.base import Event
from events.content.checks import FieldError
from events.content.dates import PartialDate
from events.content.localized import Localized
from events.content.pictures import FocalPoint
from events.media import (
    MediaDescribed,
    MediaRegistered,
    MediaRestored,
    MediaSuppressed,
    media_stream,
)
from kit.errors import Problem
from write_side.media.aggregate import MEDIA, MediaState
from write_side.media.decisions import describe, restore, suppress

REGISTERED = MediaRegistered(
    sha256="a" * 64, size=10, type="image/png", width=4, height=3, key=f"pictures/{'b' * 64}.png"
)
SAID = MediaDescribed(alt=Localized(en="A biplane"), author="Anna", focal_point=FocalPoint(500, 250))


def after(*events: Event) -> MediaState:
    state: MediaState | None = None
    for event in events:
        state = MEDIA.evolve(state, event)
    assert state is not None
    return state


def test_the_same_bytes_are_the_same_media() -> None:
    assert media_stream("a" * 64) == media_stream("a" * 64) != media_stream("b" * 64)


def test_what_is_said_is_added_to_what_was_said() -> None:
    state = after(REGISTERED, SAID)
    given = {"alt": {"ru": "Биплан"}, "taken": {"edtf": "1941-06"}, "focal_point": None}
    expected = MediaDescribed(
        alt=Localized(ru="Биплан", en="A biplane"), author="Anna", taken=PartialDate(edtf="1941-06")
    )
    assert [expected] == describe(state, given)
    assert {"alt": 3, "taken": 3, "author": 2, "focal_point": 3} == after(
        REGISTERED, SAID, expected
    ).changed_in


def test_what_was_said_is_taken_away() -> None:
    given = {"alt": {"en": None}, "author": "", "focal_point": None, "taken": None}
    assert [MediaDescribed()] == describe(after(REGISTERED, SAID), given)


def test_what_is_so_already_is_no_event() -> None:
    state = after(REGISTERED, SAID)
    assert [] == describe(state, {"alt": {"en": "A biplane"}, "author": "Anna"})
    assert [] == describe(state, {})
    assert [] == restore(state)
    assert [] == suppress(after(REGISTERED, MediaSuppressed(reason="Stolen")), "Again")


def test_a_picture_is_suppressed_and_restored() -> None:
    gone = after(REGISTERED, *suppress(after(REGISTERED), "Stolen"))
    assert (True, 2) == (gone.suppressed, gone.version)
    assert [MediaRestored()] == restore(gone)
    assert not after(REGISTERED, MediaSuppressed(reason="Stolen"), MediaRestored()).suppressed


@pytest.mark.parametrize(
    ("given", "pointer"),
    [
        ({"alt": {"ru": "x" * 301}}, "/alt/ru"),
        ({"taken": {"edtf": "1941-13"}}, "/taken/edtf"),
        ({"author": "x" * 201}, "/author"),
        ({"licence": "a\u202eb"}, "/licence"),
    ],
)
def test_what_may_not_be_said_is_refused_with_its_place(given: dict[str, object], pointer: str) -> None:
    with pytest.raises(Problem) as refusal:
        describe(after(REGISTERED), given)
    assert (422, [pointer]) == (refusal.value.status, [one["pointer"] for one in refusal.value.errors])


def test_an_event_refuses_it_as_well() -> None:
    with pytest.raises(FieldError):
        MediaDescribed(author="x" * 201)
    with pytest.raises(ValueError, match="for a reason"):
        MediaSuppressed(reason="")


def test_a_picture_begins_once() -> None:
    with pytest.raises(ValueError, match="does not happen"):
        after(REGISTERED, REGISTERED)
    with pytest.raises(ValueError, match="begins by being registered"):
        after(SAID)
