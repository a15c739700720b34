"""Turns go round among those who have pictures read: nobody waits for all pictures of somebody else."""

import asyncio
from collections.abc import Sequence

import pytest

from kit.pictures.turns import PictureTurns, TooManyOfOne
from kit.running.child import Busy
from kit.running.ending import end

LONG = 300.0


class Reading:
    """Pictures whose turns end when the test says so.

    Args:
        turns: there are.
    """

    def __init__(self, turns: PictureTurns) -> None:
        self._turns = turns
        self._ends = list[asyncio.Event]()
        self.begun = list[str]()
        """Whose turns began, in this order."""
        self.tasks = list[asyncio.Task[None]]()

    async def ask(self, *names: str, seconds: float = LONG) -> Sequence[asyncio.Task[None]]:
        """Have pictures of some people wait for their turns, one after the other."""
        asked = [asyncio.create_task(self._read(one, seconds)) for one in names]
        self.tasks += asked
        await settled()
        return asked

    async def end_turn(self) -> None:
        """End the turn that began first."""
        self._ends[0].set()
        await settled()

    async def _read(self, whose: str, seconds: float) -> None:
        with self._turns.place(whose):
            async with self._turns.turn(whose, seconds):
                self.begun.append(whose)
                self._ends.append(over := asyncio.Event())
                try:
                    await over.wait()
                finally:
                    self._ends = [one for one in self._ends if one is not over]

    async def leave(self) -> None:
        for one in self.tasks:
            await end(one)


async def settled() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def test_who_comes_last_with_one_picture_waits_for_no_more_than_one_of_each_other() -> None:
    reading = Reading(PictureTurns(1, 32, 16))
    await reading.ask(*["many"] * 9, *["some"] * 3, "one")
    for _ in range(12):
        await reading.end_turn()
    assert ["many", "some", "one", "many", "some", "many", "some", *["many"] * 6] == reading.begun
    await reading.leave()


async def test_who_comes_while_another_one_is_read_is_next() -> None:
    reading = Reading(PictureTurns(1, 32, 16))
    await reading.ask(*["many"] * 5)
    await reading.end_turn()
    await reading.ask("one")
    await reading.end_turn()
    await reading.ask("one")
    await reading.end_turn()
    assert ["many", "many", "one", "many"] == reading.begun
    await reading.leave()


async def test_two_turns_at_once_go_round_as_well() -> None:
    reading = Reading(PictureTurns(2, 32, 16))
    await reading.ask(*["many"] * 6, "one", "other")
    assert ["many", "many"] == reading.begun
    for _ in range(3):
        await reading.end_turn()
    assert ["one", "other", "many"] == reading.begun[2:]
    await reading.leave()


async def test_one_has_so_many_places_at_the_most_and_others_have_theirs() -> None:
    reading = Reading(PictureTurns(1, 32, 3))
    *_, fourth = await reading.ask(*["many"] * 4)
    with pytest.raises(TooManyOfOne):
        await fourth
    await reading.ask("one")
    await reading.end_turn()
    await reading.ask("many")  # a place of his is free again
    for _ in range(3):
        await reading.end_turn()
    assert ["many", "one", "many", "many", "many"] == reading.begun
    await reading.leave()


async def test_where_all_places_are_taken_he_who_has_most_gives_one_up() -> None:
    reading = Reading(PictureTurns(1, 4, 3))
    many = await reading.ask(*["many"] * 3)
    await reading.ask("one")
    await reading.ask("other")
    assert many[2].done()
    (third,) = await reading.ask("third")
    assert many[1].done()
    (late,) = await reading.ask("late")  # nobody has more than he would have
    assert [True, False] == [late.done(), third.done()]
    for lost in (*many[1:], late):
        with pytest.raises(Busy):
            await lost
    for _ in range(3):
        await reading.end_turn()
    assert ["many", "one", "other", "third"] == reading.begun
    await reading.leave()


async def test_who_waits_too_long_or_goes_away_leaves_turn_and_place_to_others() -> None:
    reading = Reading(PictureTurns(1, 3, 3))
    await reading.ask("first")
    (late,) = await reading.ask("late", seconds=0.01)
    (away,) = await reading.ask("away")
    with pytest.raises(Busy):
        await late
    await end(away)
    await reading.ask("second", "third")
    for _ in range(2):
        await reading.end_turn()
    assert ["first", "second", "third"] == reading.begun
    await reading.leave()


async def test_a_turn_that_comes_to_one_who_goes_at_that_moment_goes_on_to_the_next() -> None:
    reading = Reading(PictureTurns(1, 32, 16))
    first, second, _ = await reading.ask("first", "second", "third")
    first.cancel()
    await asyncio.sleep(0)  # the turn is given on, and nobody has heard of it yet
    second.cancel()
    await settled()
    assert ["first", "third"] == reading.begun
    await reading.end_turn()
    await reading.ask("fourth")
    assert ["first", "third", "fourth"] == reading.begun
    await reading.leave()
