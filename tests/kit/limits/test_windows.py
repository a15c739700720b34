"""What is counted in memory: never more than may be in any time of a rule, and little memory for it."""

import random

from hypothesis import given
from hypothesis import strategies as st

from kit.limits.rules import Rule
from kit.limits.windows import MOST, Windows


class Hand:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@given(st.lists(st.floats(0, 25), min_size=1, max_size=200), st.integers(1, 20))
def test_in_no_window_of_the_rule_is_more_done_than_twice_what_may_be(
    pauses: list[float], amount: int
) -> None:
    """The library's own sliding window counter promises no more; on average it is what may be."""
    clock, rule = Hand(), Rule("account", amount, 10)
    windows, done = Windows(clock), []
    for pause in pauses:
        clock.now += pause
        passes, left = windows.hit(("test", rule, "one"))
        assert left.seconds >= 0
        if passes:
            done.append(clock.now)
    for begin in done:
        assert sum(begin <= at < begin + rule.seconds for at in done) < 2 * amount


def test_who_waits_as_long_as_he_was_told_may_go_on() -> None:
    clock, rule = Hand(), Rule("account", 5, 60)
    windows = Windows(clock)
    for _ in range(50):
        passes, left = windows.hit(("test", rule, "one"))
        if not passes:
            clock.now += left.seconds + 0.001
            for _ in range(12):  # all the rest of a former window goes by little
                passes, left = windows.hit(("test", rule, "one"))
                if passes:
                    break
                clock.now += left.seconds + 0.001
            assert passes


def test_one_is_not_counted_for_another() -> None:
    rule = Rule("account", 1, 60)
    windows = Windows()
    assert [True, True] == [windows.hit(("test", rule, one))[0] for one in ("a", "b")]
    assert [False, False] == [windows.hit(("test", rule, one))[0] for one in ("a", "b")]


def test_crowds_take_a_bounded_memory_and_who_did_most_is_remembered() -> None:
    rule, clock = Rule("address", 100, 60), Hand()
    windows = Windows(clock)
    for _ in range(100):
        assert windows.hit(("test", rule, "busy"))[0]
    numbers = list(range(5 * MOST))
    random.Random(7).shuffle(numbers)  # noqa: S311 - an order, no secret
    for number in numbers:
        windows.hit(("test", rule, str(number)))
    assert len(windows._held) <= MOST  # noqa: SLF001 - what memory is taken
    assert not windows.hit(("test", rule, "busy"))[0]


def test_only_those_who_do_much_are_told_of() -> None:
    rule = Rule("account", 100, 60)
    windows = Windows()
    for who, times in (("little", 9), ("much", 10)):
        for _ in range(times):
            windows.hit(("test", rule, who))
    ((key, window, untold),) = windows.to_tell()
    assert ("much", 10) == (key[2], untold)
    window.told += untold
    assert [] == list(windows.to_tell())
    windows.keep_out(window, 5)
    passes, left = windows.hit(key)
    assert not passes
    assert 4 < left.seconds <= 5
