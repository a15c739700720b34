"""Questions that come while others are being answered, answered together."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Hashable, Sequence
from typing import NamedTuple

type Answering[Key, Question, Answer] = Callable[[Key, Sequence[Question]], Awaitable[Sequence[Answer]]]
"""From questions of one key to their answers, in their order."""


class _Asked[Question, Answer](NamedTuple):
    question: Question
    answer: asyncio.Future[Answer]


class Groups[Key: Hashable, Question, Answer]:
    """Asks at once while few questions are open; those that come meanwhile wait, and go as one.

    So a question that comes alone waits for nothing, and where many come, what each costs falls. None joins
    others that were asked before it came: an answer is never older than its question. How long one waits for
    its turn is bounded by who asks.

    Args:
        answer: asks for several; what it raises, each of them is told.
        at_once: groups that are asked at a time.
        most: questions of a group.
    """

    def __init__(self, answer: Answering[Key, Question, Answer], *, at_once: int, most: int) -> None:
        self._answer = answer
        self._at_once = at_once
        self._most = most
        self._waiting: dict[Key, deque[_Asked[Question, Answer]]] = {}
        self._working: dict[int, asyncio.Task[None]] = {}

    async def ask(self, key: Key, question: Question) -> Answer:
        """Return the answer to a question, or raise what its group was told."""
        loop = asyncio.get_running_loop()
        asked: _Asked[Question, Answer] = _Asked(question, loop.create_future())
        waiting = self._waiting.get(key)
        if waiting is None:
            waiting = self._waiting[key] = deque()
        waiting.append(asked)
        if len(self._working) < self._at_once:
            number = next(one for one in range(self._at_once) if one not in self._working)
            self._working[number] = loop.create_task(self._work(number))
        return await asked.answer

    async def _work(self, number: int) -> None:
        """Ask group after group, keys in turn, until nobody waits."""
        try:
            while self._waiting:
                key = next(iter(self._waiting))
                group = self._next(key)
                if group:
                    await self._ask(key, group)
        finally:
            del self._working[number]  # here, not when the task is over: what comes next starts another

    def _next(self, key: Key) -> list[_Asked[Question, Answer]]:
        """Take a group of those who wait, without clients that went away; the rest of them go last."""
        waiting = self._waiting.pop(key)
        group = [waiting.popleft() for _ in range(min(len(waiting), self._most))]
        if waiting:
            self._waiting[key] = waiting
        return [one for one in group if not one.answer.done()]

    async def _ask(self, key: Key, group: Sequence[_Asked[Question, Answer]]) -> None:
        try:
            answers = await self._answer(key, [one.question for one in group])
        except asyncio.CancelledError:
            for one in group:
                one.answer.cancel()
            raise
        except Exception as error:  # noqa: BLE001 - told to those who asked
            for one in group:
                if not one.answer.done():
                    one.answer.set_exception(error)
            return
        for one, answer in zip(group, answers, strict=True):
            if not one.answer.done():
                one.answer.set_result(answer)
