"""What a process refuses, what it says with it, and what it does when nobody can tell it what was done."""

import asyncio
from contextlib import suppress
from typing import Any

import pytest

from kit.errors import Problem
from kit.limits.catalog import COMMAND, GUESSES_OF_STRANGERS, LIMITS, SIGN_IN
from kit.limits.limits import Limits, Who
from kit.limits.rules import Limit
from kit.limits.shared import SharedCounts
from tests.servers.processes import free_port
from tests.servers.redis_server import redis_with_prefix

ANNA: Who = {"account": "anna", "address": "192.0.2.1", "mail": "anna@example.org", "place": "p", "all": ""}


async def refusal(limits: Limits, limit: Limit, who: Who = ANNA) -> Problem:
    with pytest.raises(Problem) as raised:
        await limits.count(limit, who)
    return raised.value


def away() -> SharedCounts:
    return SharedCounts(f"redis://127.0.0.1:{free_port()}/0", "away", b"")


@pytest.mark.parametrize("limit", LIMITS, ids=lambda limit: limit.name)
async def test_each_limit_lets_pass_what_it_says_and_then_refuses(limit: Limit) -> None:
    async with Limits(scale=0.01) as limits:
        least = min(max(1, round(rule.amount * 0.01)) for rule in limit.rules)
        for _ in range(least):
            await limits.count(limit, ANNA)
        refused = await refusal(limits, limit)
        assert (429, "too-many-requests") == (refused.status, refused.type)
        assert int(refused.headers["Retry-After"]) >= 1


async def test_what_has_to_be_known_first_is_refused_while_it_is_not() -> None:
    async with Limits(away()) as limits:
        for _ in range(3):
            refused = await refusal(limits, SIGN_IN)
            assert (503, "limits-unavailable") == (refused.status, refused.type)
            assert 1 <= int(refused.headers["Retry-After"]) <= 10


async def test_everything_else_goes_on_and_is_counted_here() -> None:
    async with Limits(away(), scale=0.001) as limits:
        for _ in range(3):
            assert await limits.count(COMMAND, ANNA)
        assert 429 == (await refusal(limits, COMMAND)).status


async def test_processes_tell_each_other_who_does_much() -> None:
    async with redis_with_prefix() as (_, url, prefix):
        one, other = (
            Limits(SharedCounts(url, prefix, b"s"), scale=0.01, tell_seconds=0.02) for _ in range(2)
        )  # 30 by one account
        async with one, other:
            for _ in range(30):
                one.counted(COMMAND, {"account": "anna"})
            await asyncio.sleep(0.2)
            done = 0
            with suppress(Problem):
                while done < 30:
                    other.counted(COMMAND, {"account": "anna"})
                    done += 1
                    await asyncio.sleep(0.03)
            assert done < 10
            other.counted(COMMAND, {"account": "boris"})


async def test_without_limits_nothing_is_refused() -> None:
    async with Limits(away(), scale=0) as limits:
        for limit in LIMITS:
            for _ in range(100):
                assert [] == await limits.count(limit, ANNA)


async def test_an_answer_tells_how_much_of_ones_own_is_left() -> None:
    async with Limits() as limits:
        told: Any = dict(await limits.count(COMMAND, ANNA))
        policy = b'"command-account-1m";q=3000;w=60, "command-address-1m";q=6000;w=60'
        assert policy == told[b"ratelimit-policy"]
        assert b'"command-account-1m";r=2999;t=60' == told[b"ratelimit"]


async def test_nobody_is_told_what_others_do() -> None:
    async with Limits(scale=0.01) as limits:
        assert [] == await limits.count(GUESSES_OF_STRANGERS, {"mail": "m"})
        refused = await refusal(limits, GUESSES_OF_STRANGERS, {"mail": "m"})
        assert {"Retry-After"} == set(refused.headers)


async def test_a_refusal_is_counted() -> None:
    async with Limits(scale=0.01) as limits:
        await limits.count(SIGN_IN, {"address": "a"})
        await refusal(limits, SIGN_IN, {"address": "a"})
        (metric,) = limits.collect()
        assert {"sign-in": 1} == {one.labels["limit"]: one.value for one in metric.samples if one.value}
