"""Comparisons: made beside the process that serves, once each, and dropped when nobody wants them."""

import asyncio
import json
import os
import signal
import time
from typing import Any

import pytest

from kit.errors import Problem
from kit.running.child import ChildProcess
from read_side.comparing.changes import changes, size
from read_side.comparing.comparisons import READERS, Compared, Comparisons
from tests.projections.lives import Article
from tests.read_side.site import EDITORS, Site

type Content = dict[str, Any]


def text(word: str, count: int = 30_000) -> Content:
    return {"body": " ".join(f"{word}{n % 7919}" for n in range(count))[:200_000]}


class Counted(ChildProcess):
    """A worker that counts what it is asked."""

    asked = 0

    async def do(self, request: bytes) -> bytes:
        self.asked += 1
        return await super().do(request)


async def of(comparisons: Comparisons, before: Content, after: Content) -> Compared:
    async def both() -> tuple[Content, Content]:
        return before, after

    return await comparisons.of(json.dumps([before, after]), both)


def known(compared: bytes) -> Any:
    return json.loads(compared)


def plainly(before: Content, after: Content) -> Any:
    return json.loads(json.dumps(changes(before, after, {})))


async def test_a_small_comparison_needs_no_process() -> None:
    async with Comparisons() as comparisons:
        before, after = text("a") | {"title": "Old"}, text("a") | {"title": "New"}
        found = await of(comparisons, before, after)
        assert plainly(before, after) == known(found.there)
        assert comparisons.worker.pid is None


async def test_a_large_one_is_made_once_for_both_directions_and_for_all_who_ask() -> None:
    worker = Counted("read_side.comparing.comparer")
    async with Comparisons(worker) as comparisons:
        before, after = text("a"), text("b")
        found = await asyncio.gather(*(of(comparisons, before, after) for _ in range(5)))
        again = await of(comparisons, dict(before), dict(after))
        assert 1 == worker.asked
        assert [again] * 5 == found
        assert plainly(before, after) == known(again.there)
        assert plainly(after, before) == known(again.back)


async def test_only_so_much_is_kept() -> None:
    worker = Counted("read_side.comparing.comparer")
    async with Comparisons(worker, kept_bytes=1_000_000) as comparisons:
        for word in "bcb":
            await of(comparisons, text("a"), text(word))
        assert 3 == worker.asked


class Reading:
    """Counts what is read, and how much of it at the same time; each takes a while."""

    def __init__(self) -> None:
        self.begun = self.now = self.most = 0

    async def both(self) -> tuple[Content, Content]:
        self.begun += 1
        self.now += 1
        self.most = max(self.most, self.now)
        try:
            await asyncio.sleep(0.02)
        finally:
            self.now -= 1
        return {"body": "Old"}, {"body": "New"}


@pytest.mark.parametrize("content", [text("a"), {"body": "a"}])
async def test_what_is_kept_is_not_read_again(content: Content) -> None:
    reading = 0

    async def both() -> tuple[Content, Content]:
        nonlocal reading
        reading += 1
        return content, text("b")

    async with Comparisons() as comparisons:
        for _ in range(3):
            await comparisons.of("these two", both)
    assert 1 == reading


async def test_few_are_read_at_the_same_time() -> None:
    reading = Reading()
    async with Comparisons() as comparisons:
        await asyncio.gather(*(comparisons.of(n, reading.both) for n in range(12)))
    assert (12, READERS) == (reading.begun, reading.most)


async def test_for_those_who_leave_before_their_turn_nothing_is_read() -> None:
    reading = Reading()
    async with Comparisons() as comparisons:
        asking = [asyncio.create_task(comparisons.of(n, reading.both)) for n in range(40)]
        await asyncio.sleep(0.01)
        for one in asking:
            one.cancel()
        await asyncio.gather(*asking, return_exceptions=True)
        await asyncio.sleep(0.05)
    assert (READERS, 0) == (reading.begun, reading.now)


async def test_beyond_the_bound_one_is_told_to_come_back() -> None:
    async with Comparisons() as comparisons:
        asked = [of(comparisons, text("a"), text(f"b{n}")) for n in range(12)]
        found = await asyncio.gather(*asked, return_exceptions=True)
        refused = [one for one in found if isinstance(one, Problem)]
        assert len(refused) >= 2
        assert {(503, "1")} == {(one.status, one.headers["Retry-After"]) for one in refused}


async def test_one_that_nobody_waits_for_is_dropped() -> None:
    async with Comparisons() as comparisons:
        await of(comparisons, text("x"), text("y"))
        pid = comparisons.worker.pid
        assert pid is not None
        os.kill(pid, signal.SIGSTOP)  # it answers nobody
        asking = [asyncio.create_task(of(comparisons, text("a"), text("b"))) for _ in range(2)]
        await asyncio.sleep(0.02)
        asking[0].cancel()
        await asyncio.sleep(0.01)
        assert pid == comparisons.worker.pid  # the other one still waits
        asking[1].cancel()
        await asyncio.gather(*asking, return_exceptions=True)
        await asyncio.sleep(0.01)
        assert comparisons.worker.pid is None


async def test_the_event_loop_goes_on_while_texts_are_compared() -> None:
    async with Comparisons() as comparisons:
        await of(comparisons, text("x"), text("y"))
        comparing = asyncio.create_task(of(comparisons, text("a"), text("b")))
        gaps = []
        while not comparing.done():
            began = time.perf_counter()
            await asyncio.sleep(0.001)
            gaps.append(time.perf_counter() - began)
        gaps.sort()
        assert len(gaps) > 20
        assert gaps[len(gaps) * 9 // 10] < 0.5


async def test_a_client_that_leaves_takes_its_comparison_along(here: Site) -> None:
    one = Article(here.log, "tu-144", body=text("a")["body"])
    one.revise(body=text("b")["body"])
    await here.shown()
    path = f"/v1/articles/{one.id}/diff"
    worker = here.read.sources.comparisons.worker
    asking = asyncio.create_task(here.get(path, EDITORS, **{"from": 1, "to": 2}))
    async with asyncio.timeout(30):
        while worker.pid is None:  # noqa: ASYNC110 - it says nothing by itself
            await asyncio.sleep(0.005)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    async with asyncio.timeout(30):
        while worker.pid is not None:  # noqa: ASYNC110 - it says nothing by itself
            await asyncio.sleep(0.005)
    there = await here.get(path, EDITORS, **{"from": 1, "to": 2})
    back = await here.get(path, EDITORS, **{"from": 2, "to": 1})
    assert there.json()["changes"][0]["ops"][0] == ["-", text("a")["body"]]
    assert back.json()["changes"][0]["ops"][0] == ["-", text("b")["body"]]


def test_texts_in_several_languages_count_among_what_takes_long_to_compare() -> None:
    before = {"title": "x", "story": {"en": "a" * 2_000, "ru": "б" * 2_000}}
    after = {"title": "x", "story": {"en": "b" * 2_000, "ru": "б" * 2_000}}
    assert (4_000, 0) == (size(before, after), size(before, before))
