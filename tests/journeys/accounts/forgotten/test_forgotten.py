"""Anyone who is erased is nowhere any more: no table, no copy, no cache, no queue, no file, no line."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import orjson
import pytest
from aio_pika.abc import AbstractQueue

from kit.auth.names import DELETED
from kit.auth.passwords import derived
from kit.broker.publisher import EXCHANGE
from kit.broker.topology import declare
from kit.ids import new_id
from kit.postgres.connect import Connection, connect
from tests.journeys.accounts.forgotten.planting import SAID, Life
from tests.journeys.accounts.forgotten.searching import hits, in_files, in_message, in_redis, in_tables
from tests.journeys.accounts.stranger import Letterbox
from tests.servers.running import Site, in_process
from write_side.accounts.erasure.erasing import Erasure, erase
from write_side.accounts.erasure.inventory import INVENTORY

pytest_plugins = ["tests.servers.broker"]

PROXY: dict[str, Any] = {"trusted_proxies": (ip_network("127.0.0.1"),)}


@asynccontextmanager
async def lived(dsn: str, folder: Path, **more: Any) -> AsyncIterator[tuple[Site, Life, Connection]]:
    async with in_process(dsn, folder, **(PROXY | more)) as site:
        owner = await connect(dsn, "test owner")
        try:
            life = Life(site, Letterbox(folder), owner)
            await life.lived()
            yield site, life, owner
        finally:
            await owner.close()


async def messages_until(queue: AbstractQueue, type_: str, words: list[str]) -> tuple[list[str], int]:
    """Return which words messages hold, up to the first of a type, and how many those were."""
    found: list[str] = []
    count = 0
    async with asyncio.timeout(30):
        while True:
            message = await queue.get(fail=False, no_ack=True)
            if message is None:
                await asyncio.sleep(0.1)
                continue
            count += 1
            found += in_message(message, words)
            if orjson.loads(message.body)["type"] == type_:
                return found, count


@pytest.mark.rabbitmq
async def test_who_is_erased_is_nowhere_any_more(
    database: str,
    tmp_path: Path,
    broker_url: str,
    broker_queue: AbstractQueue,
    capfd: pytest.CaptureFixture[str],
) -> None:
    await declare(broker_url)
    await broker_queue.bind(EXCHANGE, "#")
    prefix = f"fjtest-{new_id().hex[-12:]}"
    async with lived(database, tmp_path, rabbitmq_url=broker_url, redis_prefix=prefix) as (site, life, owner):
        words = [*SAID, *life.secrets]
        before = " ".join([*await in_tables(owner, SAID), *in_files(tmp_path, SAID)])
        assert [] == [
            one
            for one in ("Canaryova", "canary.zinaida", "second.canary", "CanaryBrowser")
            if one not in before
        ]
        assert "mail/" in before

        assert 204 == await life.erases_herself()
        assert {401, 404} >= set(await life.still_asks())
        async with asyncio.timeout(30):
            while await owner.fetchval("select count(*) from auth.avatar"):  # noqa: ASYNC110 - another task
                await asyncio.sleep(0.02)

        shown = (await site.moderator.send("GET", f"/accounts/{life.account}?locale=ru")).json()
        assert (DELETED["ru"], "erased") == (shown["name"], shown["state"])
        assert [] == await in_tables(owner, words)
        assert [] == in_files(tmp_path, words)
        assert (tmp_path / "erased").read_text().split() == [str(life.account)]
        found, keys = await in_redis(prefix, words)
        assert ([], True) == (found, keys > 0)
        found, count = await messages_until(broker_queue, "account.erased", words)
        assert ([], True) == (found, count > 10)
    out, err = capfd.readouterr()
    assert out.count('"event":"request"') > 20
    assert [] == list(hits(out + err, words, "output"))


SEEN = [
    kept.table
    for kept in INVENTORY
    if kept.table
    in {
        "session",
        "bot_token",
        "code",
        "mail",
        "audit",
        "account",
        "identity",
        "attempt",
        "invitation",
        "passkey",
    }
]


@pytest.mark.prove
@pytest.mark.parametrize("left_out", SEEN)
async def test_a_table_that_does_not_forget_is_found_out(
    database: str, tmp_path: Path, left_out: str
) -> None:
    """What the test above looks for can be found: in each table, when its statements are left out."""
    rest = [
        kept if kept.table != left_out else kept._replace(forgets=(), forgets_address=())
        for kept in INVENTORY
    ]

    async def derive(text: str, salt: bytes) -> bytes:
        return await asyncio.to_thread(derived, text, salt)

    async with lived(database, tmp_path, projector=False) as (_, life, owner):

        @asynccontextmanager
        async def transaction() -> AsyncIterator[Connection]:
            async with owner.transaction():
                yield owner

        await erase(transaction, derive, Erasure(life.account, None, "asked"), rest)
        found = await in_tables(owner, SAID)
    assert {f"auth.{left_out}"} == {one.partition(":")[0] for one in found}
