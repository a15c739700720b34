"""Questions that come while others are being answered."""

import asyncio
import random
from collections.abc import Sequence

import pytest

from kit.groups import Groups


class Answering:
    """Answers with the double of each number, when it is let."""

    def __init__(self) -> None:
        self.groups: list[tuple[str, list[int]]] = []
        self.gate = asyncio.Semaphore(0)
        self.error: Exception | None = None

    async def __call__(self, key: str, numbers: Sequence[int]) -> Sequence[int]:
        self.groups.append((key, list(numbers)))
        await self.gate.acquire()
        if self.error is not None:
            raise self.error
        return [number * 2 for number in numbers]


@pytest.fixture
async def answering() -> Answering:
    return Answering()


async def asked(groups: Groups[str, int, int], *numbers: int, key: str = "a") -> list[asyncio.Task[int]]:
    tasks = [asyncio.create_task(groups.ask(key, number)) for number in numbers]
    await asyncio.sleep(0.01)
    return tasks


async def test_who_comes_alone_is_answered_at_once_and_who_comes_meanwhile_together(
    answering: Answering,
) -> None:
    groups = Groups(answering, at_once=1, most=3)
    first = await asked(groups, 1)
    later = await asked(groups, 2, 3, 4, 5)
    assert answering.groups == [("a", [1])]
    answering.gate.release()
    assert await first[0] == 2
    await asyncio.sleep(0.01)
    assert answering.groups == [("a", [1]), ("a", [2, 3, 4])]
    answering.gate.release()
    answering.gate.release()
    assert await asyncio.gather(*later) == [4, 6, 8, 10]
    assert answering.groups[2:] == [("a", [5])]


async def test_no_more_than_so_many_are_open_and_keys_take_turns(answering: Answering) -> None:
    groups = Groups(answering, at_once=2, most=2)
    tasks = await asked(groups, 1, 2, 3, 4, 5, 6)
    tasks += await asked(groups, 7, key="b")
    assert answering.groups == [("a", [1, 2]), ("a", [3, 4])]
    for _ in range(4):
        answering.gate.release()
    assert await asyncio.gather(*tasks) == [2, 4, 6, 8, 10, 12, 14]
    assert sorted(answering.groups[2:]) == [("a", [5, 6]), ("b", [7])]


async def test_what_a_group_is_told_each_of_it_is_told_and_the_next_one_is_asked(
    answering: Answering,
) -> None:
    groups = Groups(answering, at_once=1, most=2)
    first = await asked(groups, 1)
    second = await asked(groups, 2, 3)
    answering.error = ValueError("no")
    answering.gate.release()
    with pytest.raises(ValueError, match="no"):
        await first[0]
    answering.error = None
    answering.gate.release()
    assert await asyncio.gather(*second) == [4, 6]


async def test_a_client_that_went_away_is_not_asked_for(answering: Answering) -> None:
    groups = Groups(answering, at_once=1, most=5)
    tasks = await asked(groups, 1)
    tasks += await asked(groups, 2, 3)
    tasks[1].cancel()
    tasks[0].cancel()
    await asyncio.sleep(0)
    answering.gate.release()
    answering.gate.release()
    assert await tasks[2] == 6
    assert answering.groups == [("a", [1]), ("a", [3])]


async def test_a_process_that_ends_leaves_nobody_waiting(answering: Answering) -> None:
    groups = Groups(answering, at_once=1, most=5)
    tasks = await asked(groups, 1)
    for work in asyncio.all_tasks() - {asyncio.current_task(), *tasks}:
        work.cancel()
    assert [type(one) for one in await asyncio.gather(*tasks, return_exceptions=True)] == [
        asyncio.CancelledError
    ]


async def test_anyone_who_asks_at_whatever_moment_is_answered_by_what_was_asked_later() -> None:
    chance = random.Random(7)  # noqa: S311 - an adversary, not a secret
    now, began, most = 0, [0], 0

    async def answer(key: int, questions: Sequence[int]) -> Sequence[tuple[int, int]]:
        nonlocal now, most
        most = max(most, len(questions))
        now += 1
        at = now
        for _ in range(chance.randrange(3)):
            await asyncio.sleep(0)
        return [(key * 1_000 + question, at) for question in questions]

    groups: Groups[int, int, tuple[int, int]] = Groups(answer, at_once=2, most=4)

    async def client(number: int) -> None:
        for question in range(200):
            key, before = chance.randrange(3), now
            told, at = await groups.ask(key, question)
            assert told == key * 1_000 + question
            assert at > before
            for _ in range(chance.randrange(4) * (number % 3)):
                await asyncio.sleep(0)
        began.append(number)

    async with asyncio.timeout(30):
        await asyncio.gather(*(client(number) for number in range(12)))
    assert len(began) == 13
    assert most == 4
