"""How long a receiver is left alone after a try that failed."""

from hypothesis import given
from hypothesis import strategies as some

from projections.webhooks.patience import Patience, wished_pause


@given(some.integers(1, 10_000), some.floats(0, 1), some.floats(0, 1e9))
def test_a_pause_is_as_long_as_was_asked_for_within_the_longest(
    tries: int, luck: float, wished: float
) -> None:
    patience = Patience()
    pause = patience.pause(tries, luck, wished)
    assert patience.pause(tries, luck) <= pause <= patience.longest
    assert min(wished, patience.longest) <= pause


def test_only_seconds_are_read_from_what_an_answer_asks_for() -> None:
    said = (b"120", b" 7 ", b"-1", b"1e3", b"Wed, 21 Oct 2026 07:28:00 GMT", b"9" * 400, b"")
    assert [120.0, 7.0, 0.0, 0.0, 0.0, 0.0, 0.0] == [wished_pause({b"retry-after": one}) for one in said]
    assert 0.0 == wished_pause({})
