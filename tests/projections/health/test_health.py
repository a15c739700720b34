"""A projector that is dead or stuck says so, from a thread that is neither."""

import asyncio
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection

import orjson
import pytest

from kit.health.port import HealthPort
from kit.health.tasks import BEAT, ProcessHealth, Task
from projections.health.observer import Observer
from projections.health.projector import Health
from tests.servers.proxy import proxied


def livez(port: int, after: float = 0.0) -> tuple[int, list[str]]:
    """Ask whether the process is alive, as another process would; status and its faults."""
    time.sleep(after)
    line = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        line.request("GET", "/livez")
        answer = line.getresponse()
        return answer.status, orjson.loads(answer.read())["faults"]
    finally:
        line.close()


def asked_about(vitals: ProcessHealth) -> HealthPort:
    return HealthPort("127.0.0.1", 0, Health(vitals, Observer("", {}), "this copy").answers)


async def test_a_loop_that_hangs_is_not_alive_and_one_that_turns_again_is() -> None:
    vitals = ProcessHealth(loop_stuck=BEAT + 0.2)
    beating = asyncio.create_task(vitals.beating())
    with asked_about(vitals) as port, ThreadPoolExecutor(1) as elsewhere:
        assert (200, []) == await asyncio.to_thread(livez, port.port)
        asked = elsewhere.submit(livez, port.port, BEAT + 0.4)
        threading.Event().wait(BEAT + 0.7)  # the whole loop stands still
        status, faults = asked.result()
        assert (503, 1, True) == (status, len(faults), faults[0].startswith("the loop has not turned for"))
        await asyncio.sleep(0)
        assert (200, []) == await asyncio.to_thread(livez, port.port)
    beating.cancel()


async def test_a_task_that_died_or_does_not_turn_any_more_is_named() -> None:
    moment = [100.0]
    vitals = ProcessHealth(lambda: moment[0])
    vitals.task("forwarder")
    vitals.task("engine")

    async def dies() -> None:
        raise ValueError("a fault of ours")

    died = asyncio.create_task(dies(), name="notary")
    vitals.watch(died)
    with pytest.raises(ValueError, match="ours"):
        await died
    assert ["the task notary has ended"] == vitals.faults()
    moment[0] += 61
    vitals.task("engine").beat()
    with asked_about(vitals) as port:
        status, faults = await asyncio.to_thread(livez, port.port)
    assert (503, {"the task notary has ended", "the loop has not turned for 61.0 s"}) == (
        status,
        set(faults[:2]),
    )
    assert ["the task forwarder has not turned for 61.0 s"] == faults[2:]


def test_what_halted_a_reader_is_forgotten_when_it_works_again_and_not_before() -> None:
    task = Task()
    task.failed(ValueError("the log has no event at position 7"), halted=True)
    task.begin()
    assert ("ValueError: the log has no event at position 7", 1) == (task.halted, task.restarts)
    task.beat()
    assert task.halted
    task.beat(well=True)
    assert "" == task.halted
    task.rest("nothing more is done")
    task.beat(well=True)
    assert "nothing more is done" == task.halted
    task.begin()
    task.beat(well=True)
    assert "" == task.halted


async def test_a_database_that_says_nothing_is_not_waited_for_and_nothing_old_is_shown(database: str) -> None:
    async with proxied(database) as (proxy, dsn):
        lookout = Observer(dsn, {}, patience=0.6)
        assert await lookout.look() is not None
        assert 0.6 > lookout.age
        proxy.pause()
        before = proxy.accepted
        assert [None, None, None] == await asyncio.gather(*(lookout.look() for _ in range(3)))
        assert 2 == proxy.accepted - before, "who comes during a look shares the next"
        assert 1.2 <= lookout.age
        proxy.resume()
        assert await lookout.look() is not None
        assert 0.6 > lookout.age
