"""Work that several want at the same time."""

import asyncio

from kit.flights import Flights


async def test_callers_of_one_key_share_one_flight() -> None:
    flights = Flights()
    runs: list[str] = []

    async def work() -> str:
        runs.append("run")
        await asyncio.sleep(0.01)
        return "done"

    assert await asyncio.gather(*(flights.share("a", work) for _ in range(50))) == ["done"] * 50
    assert await flights.share("a", work) == "done"
    assert len(runs) == 2


async def test_a_flight_goes_on_when_its_first_caller_has_gone() -> None:
    flights = Flights()

    async def work() -> str:
        await asyncio.sleep(0.02)
        return "done"

    first = asyncio.create_task(flights.share("a", work))
    await asyncio.sleep(0)
    second = asyncio.create_task(flights.share("a", work))
    await asyncio.sleep(0)
    first.cancel()
    assert await second == "done"


async def test_a_failed_flight_fails_for_all_and_is_forgotten() -> None:
    flights = Flights()

    async def fail() -> str:
        await asyncio.sleep(0)
        raise ValueError("no")

    outcomes = await asyncio.gather(*(flights.share("a", fail) for _ in range(3)), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [ValueError] * 3

    async def work() -> str:
        return "done"

    assert await flights.share("a", work) == "done"
