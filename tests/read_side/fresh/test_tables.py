"""Questions that wait for each other are answered in time, or refused."""

import asyncio
import time
from collections import Counter

from kit.errors import Problem
from read_side.tables import AT_ONCE, TOGETHER, Tables

SLOW = """
select n, said from unnest((select $1::int[])) with ordinality q(said, n), (select pg_sleep(1.2)) nothing"""


async def test_who_waits_for_too_many_others_of_a_slow_database_is_told_so_in_time(database: str) -> None:
    """A statement is fast enough by itself, and three of them at a time are not, for all who ask."""
    seconds: list[float] = []

    async def asked(tables: Tables, number: int) -> int:
        """Return the status that a reader is told."""
        began = time.monotonic()
        try:
            assert [number] == [row["said"] for row in await tables.rows_of(SLOW, number)]
        except Problem as problem:
            return problem.status
        else:
            return 200
        finally:
            seconds.append(time.monotonic() - began)

    async with Tables(database) as tables:
        told = Counter(await asyncio.gather(*(asked(tables, one) for one in range(4 * AT_ONCE * TOGETHER))))
    assert max(seconds) < 10
    assert {200, 503} == set(told)
    assert told[200] >= AT_ONCE * TOGETHER
