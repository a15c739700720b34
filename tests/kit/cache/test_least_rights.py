"""In Redis our processes need little; the user that ships may do that, and nothing else."""

import asyncio
import re
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from redis.asyncio import Redis
from redis.exceptions import AuthenticationError, NoPermissionError

from kit.cache.store import Cache
from kit.checkout import ROOT
from kit.forms.addresses import redis
from kit.limits.catalog import SIGN_IN
from kit.limits.rules import Rule
from kit.limits.shared import SharedCounts
from kit.limits.windows import Key
from tests.servers.nodes.certificate import certificate_of_this_machine
from tests.servers.nodes.redis_node import Node
from tests.servers.proxy import Proxy

PASSWORD = "of-a-test"  # noqa: S105 - it is one
KEY: Key = ("test", Rule("address", 2, 60), "192.0.2.1")


@asynccontextmanager
async def as_it_ships(folder: Path) -> AsyncIterator[str]:
    """Start a server with the user that `compose.yml` makes, and yield the address of that user."""
    text = (ROOT / "compose.yml").read_text("utf-8")
    (said,) = re.findall(r"^ +user frankenjet (.*)$", text, re.MULTILINE)
    assert re.search(r"^ +user default off$", text, re.MULTILINE)
    async with Node(folder) as node:
        rules = said.replace("$$VALKEY_PASSWORD", PASSWORD).split()
        await node.client.execute_command("ACL", "SETUSER", "frankenjet", "reset", *rules)  # type: ignore[no-untyped-call]
        await node.client.execute_command("ACL", "SETUSER", "default", "off")  # type: ignore[no-untyped-call]
        yield f"redis://frankenjet:{PASSWORD}@127.0.0.1:{node.port}/0"


async def test_the_user_that_ships_is_enough_for_copies_and_counters(tmp_path: Path) -> None:
    async with as_it_ships(tmp_path) as url:
        async with Cache(url, "frankenjet:log:build") as cache:
            await cache.put("a", 7, b"value")
            assert (7, b"value") == await cache.get("a")
            await cache.put("a", 6, b"older")
            cache.put_later("b", 1, b"other")
            await cache.settled()
            assert [(7, b"value"), (1, b"other")] == [await cache.get(one) for one in "ab"]
        async with SharedCounts(url, "frankenjet:log", b"secret") as counts:
            assert [None, None] == [await counts.hit(KEY), await counts.hit(KEY)]
            left = await counts.hit(KEY)
            assert left is not None
            assert 0 == left[0]
            await counts.give_back(KEY)
            assert await counts.hit(KEY) is None
            await counts.forget(SIGN_IN, "account", "somebody")
            await counts.mark("seen", "somebody", 60)
            assert [True, False] == [await counts.is_marked("seen", one) for one in ("somebody", "other")]


FORBIDDEN = (
    "FLUSHALL", "FLUSHDB", "KEYS *", "SCAN 0", "CONFIG GET *", "CONFIG SET dir /tmp", "SAVE", "SHUTDOWN",
    "EVAL return(1) 0", "SCRIPT FLUSH", "FUNCTION LIST", "ACL LIST", "MONITOR", "CLIENT LIST", "PUBLISH a b",
    "REPLICAOF 192.0.2.1 6379", "MODULE LIST", "GET of:another", "SET of:another 1", "DEL of:another",
)  # fmt: skip


async def test_it_can_do_nothing_else(tmp_path: Path) -> None:
    async with as_it_ships(tmp_path) as url, Redis.from_url(url, protocol=2) as client:
        assert await client.set("frankenjet:a", 1)
        for command in FORBIDDEN:
            with pytest.raises(NoPermissionError):
                await client.execute_command(*command.split())  # type: ignore[no-untyped-call]


async def test_a_server_over_tls_shows_a_certificate_that_can_be_trusted_or_gets_no_password(
    tmp_path: Path,
) -> None:
    certificate = certificate_of_this_machine(tmp_path)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(certificate)
    async with as_it_ships(tmp_path) as plain:
        port = int(plain.rpartition(":")[2].partition("/")[0])
        async with Proxy("127.0.0.1", port, tls=server) as proxy:
            url = plain.replace("redis://", "rediss://").replace(f":{port}/", f":{proxy.port}/")
            async with Cache(url, "frankenjet:log:build") as nobody:
                await nobody.put("a", 1, b"value")
                assert await nobody.get("a") is None
            assert 0 == proxy.upstream
            trusting = redis(f"{url}?ssl_ca_certs={certificate}")
            async with Cache(trusting, "frankenjet:log:build") as cache:
                async with asyncio.timeout(30):  # on a busy machine TLS may take longer than a cache waits
                    while (found := await cache.get("a")) is None:
                        await cache.put("a", 1, b"value")
                        await asyncio.sleep(0.05)
                assert (1, b"value") == found


async def test_nobody_comes_in_without_a_name(tmp_path: Path) -> None:
    async with as_it_ships(tmp_path) as url:
        for other in (url.replace(f"frankenjet:{PASSWORD}@", ""), url.replace("frankenjet:", ":")):
            async with Redis.from_url(other, protocol=2) as client:
                with pytest.raises((AuthenticationError, NoPermissionError)):
                    await client.ping()
