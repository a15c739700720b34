"""What processes count together: in Redis under names that say nothing, or refused when Redis is away."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from kit.limits.catalog import SIGN_IN
from kit.limits.rules import Rule
from kit.limits.shared import TIMEOUT, SharedCounts, Uncounted
from kit.limits.windows import Key
from tests.servers.processes import free_port
from tests.servers.redis_server import redis_with_prefix

RULE = Rule("address", 5, 60)
KEY: Key = ("test", RULE, "192.0.2.1")
SECRET = b"of all processes"


@asynccontextmanager
async def two(*, redis: bool) -> AsyncIterator[tuple[SharedCounts, SharedCounts]]:
    """Yield what two processes have, or where there is no Redis, one alone."""
    if not redis:
        alone = SharedCounts("", "", SECRET)
        yield alone, alone
        return
    async with (
        redis_with_prefix() as (_, url, prefix),
        SharedCounts(url, prefix, SECRET) as one,
        SharedCounts(url, prefix, SECRET) as other,
    ):
        yield one, other


@pytest.mark.parametrize("redis", [True, False])
async def test_no_more_pass_than_may_however_many_ask_at_once(*, redis: bool) -> None:
    async with two(redis=redis) as (one, other):
        answers = await asyncio.gather(*(shared.hit(KEY) for _ in range(4) for shared in (one, other)))
        assert RULE.amount == answers.count(None)
        refused = await other.hit(KEY)
        assert refused is not None
        assert 1 <= refused.seconds <= RULE.seconds


@pytest.mark.parametrize("redis", [True, False])
async def test_who_is_forgotten_begins_again(*, redis: bool) -> None:
    async with two(redis=redis) as (one, other):
        rule = SIGN_IN.rules[0]
        for _ in range(rule.amount):
            assert await one.hit((SIGN_IN.name, rule, "a")) is None
        assert await one.hit((SIGN_IN.name, rule, "a")) is not None
        await other.forget(SIGN_IN, "address", "a")
        assert await one.hit((SIGN_IN.name, rule, "a")) is None


@pytest.mark.parametrize("redis", [True, False])
async def test_what_was_given_back_was_not_counted(*, redis: bool) -> None:
    async with two(redis=redis) as (one, other):
        for _ in range(3 * RULE.amount):
            assert await one.hit(KEY) is None
            await other.give_back(KEY)
        await one.give_back(("test", RULE, "nobody"))
        assert [None] * RULE.amount == [await one.hit(KEY) for _ in range(RULE.amount)]
        assert await one.hit(KEY) is not None


@pytest.mark.parametrize("redis", [True, False])
async def test_a_mark_is_of_one_alone(*, redis: bool) -> None:
    async with two(redis=redis) as (one, other):
        await one.mark("here", "anna", 60)
        assert [True, False] == [await other.is_marked("here", who) for who in ("anna", "boris")]


async def test_nobody_reads_in_redis_who_is_counted() -> None:
    async with redis_with_prefix() as (client, url, prefix), SharedCounts(url, prefix, SECRET) as shared:
        await shared.hit(("test", RULE, "anna@example.org"))
        await shared.mark("here", "anna@example.org 192.0.2.1", 60)
        keys = [key.decode() async for key in client.scan_iter(f"*{prefix}*")]
        assert len(keys) == 2
        assert all(key.startswith(f"{prefix}:limits:") for key in keys)
        assert "" == "".join(word for word in ("anna", "example", "192.0") if word in " ".join(keys))
        assert 0 < await client.ttl(keys[0]) <= 2 * RULE.seconds
    async with redis_with_prefix() as (client, url, prefix), SharedCounts(url, prefix, b"another") as shared:
        await shared.hit(("test", RULE, "anna@example.org"))
        others = [key.decode().rpartition(":")[2] async for key in client.scan_iter(f"*{prefix}*")]
        assert set(others).isdisjoint(key.rpartition(":")[2] for key in keys)


async def test_a_server_that_is_away_costs_little_and_is_asked_seldom() -> None:
    async with SharedCounts(f"redis://127.0.0.1:{free_port()}/0", "away", SECRET) as shared:
        began = time.monotonic()
        for _ in range(100):
            with pytest.raises(Uncounted) as raised:
                await shared.hit(KEY)
            assert 0 <= raised.value.seconds <= 10
        assert time.monotonic() - began < 15 * TIMEOUT


async def test_a_process_that_stood_still_takes_no_server_for_away() -> None:
    async with redis_with_prefix() as (_, url, prefix), SharedCounts(url, prefix, SECRET) as shared:
        assert await shared.hit(KEY) is None
        asking = asyncio.create_task(shared.hit(KEY))
        await asyncio.sleep(0)  # it has asked
        time.sleep(0.6)  # noqa: ASYNC251 - as when another task computes
        await asking


async def test_a_server_that_is_silent_is_waited_for_once() -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.read(4_096):
            pass
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, SharedCounts(f"redis://127.0.0.1:{port}/0", "silent", SECRET) as shared:
        began = time.monotonic()
        found = await asyncio.gather(*(shared.hit(KEY) for _ in range(20)), return_exceptions=True)
        assert {Uncounted} == {type(one) for one in found}
        with pytest.raises(Uncounted):
            await shared.hit(KEY)
        assert time.monotonic() - began < 15 * TIMEOUT
