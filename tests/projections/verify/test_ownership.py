"""A slug has one owner at a time, on the stream of its kind and language."""

from uuid import UUID

import pytest

from events.slug import SlugClaimed, SlugReleased, slug_stream
from kit.ids import named_id, new_id
from projections.verify.streams import ownership

ONE, TWO = named_id("one"), named_id("two")
STREAM = slug_stream("article", "ru", "tu-144")


def claimed(owner: UUID) -> SlugClaimed:
    return SlugClaimed(kind="article", locale="ru", slug="tu-144", owner=owner)


def released(owner: UUID) -> SlugReleased:
    return SlugReleased(kind="article", locale="ru", slug="tu-144", owner=owner)


def test_a_slug_may_be_claimed_and_released_in_turn() -> None:
    assert [] == list(ownership(STREAM, [claimed(ONE), released(ONE), claimed(TWO)]))


@pytest.mark.parametrize(
    "life",
    [
        [claimed(ONE), claimed(TWO)],
        [claimed(ONE), claimed(ONE)],
        [released(ONE)],
        [claimed(ONE), released(TWO)],
        [claimed(ONE), released(ONE), released(ONE)],
    ],
)
def test_a_slug_with_two_owners_or_none_is_named(life: list[SlugClaimed | SlugReleased]) -> None:
    assert 1 == len(list(ownership(STREAM, life)))
    assert len(life) == len(list(ownership(new_id(), life)))


def test_a_slug_stands_on_the_stream_of_its_language() -> None:
    english = SlugClaimed(kind="article", locale="en", slug="tu-144", owner=ONE)
    neither = SlugClaimed(kind="article", slug="tu-144", owner=ONE)
    assert ["article/en:tu-144 is on a stream that is not its own"] == list(ownership(STREAM, [english]))
    assert ["article/tu-144 is on a stream that is not its own"] == list(ownership(STREAM, [neither]))
