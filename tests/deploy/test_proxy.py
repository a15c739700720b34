"""The reverse proxy that ships: what one address may take, how long it waits, and what comes through."""

import json
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import psutil
import pytest

from kit.running.processes import wait_until
from tests.deploy.proxy import Proxy, certificate, configured, nginx, proxied
from tests.kit.http.application import LARGE
from tests.kit.http.edge.client import framed

ELSEWHERE = "127.0.0.2"
"""Another address that is this machine's, on Linux."""

LIMIT = 64
"""Answers that one address may be owed at the same time."""

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="one machine has one loopback address")


@pytest.fixture
def proxy(tmp_path: Path) -> Iterator[Proxy]:
    with proxied(tmp_path) as found:
        yield found


def ask_without_reading(proxy: Proxy, stack: ExitStack, times: int) -> list[socket.socket]:
    everybody = []
    for _ in range(times):
        one = stack.enter_context(proxy.connect(ELSEWHERE, room=4096))
        one.sendall(b"GET /v1/things/large HTTP/1.1\r\nHost: test\r\n\r\n")
        everybody.append(one)
    return everybody


def test_nginx_finds_no_fault_in_it(tmp_path: Path) -> None:
    certificate(tmp_path)
    file = configured(tmp_path, 18443, 18080, 18000)
    argv: list[str | Path] = [nginx(), "-t", "-p", tmp_path, "-c", file]
    tested = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert [] == [line for line in tested.stderr.splitlines() if "[" in line]
    assert tested.returncode == 0


def test_what_is_answered_comes_through_as_it_is(proxy: Proxy) -> None:
    head, _, body = proxy.get("/v1/things/large").partition(b"\r\n\r\n")
    assert body == LARGE
    assert b"\r\nserver: web\r\n" in head.lower()
    assert b"\r\nstrict-transport-security: " in head.lower()
    head, _, body = proxy.get("/v1/things?limit=0").partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 ")
    assert b"application/problem+json" in head


def test_a_websocket_comes_through_and_no_other_protocol(proxy: Proxy) -> None:
    with proxy.connect() as one:
        one.sendall(
            b"GET /v1/things/echo HTTP/1.1\r\nHost: test\r\nConnection: Upgrade\r\nUpgrade: WebSocket\r\n"
            b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ZnJhbmtlbmpldC1iZW5jaA==\r\n\r\n"
        )
        assert one.recv(65_536).startswith(b"HTTP/1.1 101 ")
        one.sendall(framed(0x81, b"hello"))
        assert one.recv(65_536).endswith(b" hello")
    with proxy.connect() as one:
        one.sendall(b"GET /v1/things HTTP/1.1\r\nHost: test\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n")
        assert one.recv(65_536).startswith(b"HTTP/1.1 200 ")


def test_who_asks_is_told_by_nginx_and_not_by_himself(proxy: Proxy) -> None:
    with proxy.connect(ELSEWHERE) as one:
        made_up = b"X-Forwarded-For: 192.0.2.9\r\nForwarded: for=192.0.2.9\r\nConnection: close\r\n"
        one.sendall(b"GET /v1/things/sender HTTP/1.1\r\nHost: test\r\n" + made_up + b"\r\n")
        body = b"".join(iter(lambda: one.recv(65_536), b"")).partition(b"\r\n\r\n")[2]
    assert {"x-forwarded-for": ELSEWHERE, "forwarded": None} == json.loads(body)


def test_an_address_that_asks_for_too_much_is_refused_and_others_are_served(proxy: Proxy) -> None:
    with ExitStack() as stack:
        everybody = ask_without_reading(proxy, stack, LIMIT + 20)
        answers = Counter(one.recv(12) for one in everybody)  # in any order: several processes take them
        assert {b"HTTP/1.1 200": LIMIT, b"HTTP/1.1 429": 20} == answers
        assert proxy.get("/v1/things").startswith(b"HTTP/1.1 200 ")


def test_all_addresses_of_a_network_of_ipv6_are_one(tmp_path: Path) -> None:
    told = "http {\n    set_real_ip_from 127.0.0.1;\n    real_ip_header X-Test-Address;"
    slow = {"rate=50r/s": "rate=1r/m", "burst=200 nodelay": "burst=2 nodelay", "http {": told}
    with proxied(tmp_path, **slow) as proxy:
        addresses = [f"2001:db8:a:{network}::{number:x}" for network in "bc" for number in (1, 0x0A0A, 3, 4)]
        said = [proxy.get("/v1/things", client=address)[9:12] for address in addresses]
        assert [b"200", b"200", b"200", b"429"] * 2 == said
        assert [b"200", b"200"] == [
            proxy.get("/v1/things", client=address)[9:12] for address in ("192.0.2.1", "192.0.2.2")
        ]


def test_silence_and_halves_of_requests_take_nothing_from_others(proxy: Proxy) -> None:
    with ExitStack() as stack:
        for number in range(1_100):
            one = stack.enter_context(proxy.connect(ELSEWHERE, tls=False))
            if number % 2:
                one.sendall(b"\x16\x03\x01")
        assert proxy.get("/v1/things").startswith(b"HTTP/1.1 200 ")
        assert _held_behind(proxy) <= LIMIT + 1


def test_who_does_not_read_for_long_is_cut(tmp_path: Path) -> None:
    with proxied(tmp_path, **{"send_timeout 30s": "send_timeout 1s"}) as proxy, ExitStack() as stack:
        for one in ask_without_reading(proxy, stack, 3):
            one.settimeout(0.2)
        assert proxy.get("/v1/things", ELSEWHERE).startswith(b"HTTP/1.1 200 ")
        assert wait_until(lambda: _held(proxy) == 0, 30)


def test_a_server_that_is_away_is_a_document_that_says_so(proxy: Proxy) -> None:
    proxy.behind.process.kill()
    proxy.behind.process.wait()
    head, _, body = proxy.get("/v1/things").partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 503 ")
    assert b'"type":"/problems/not-running"' in body


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"GET /%zz HTTP/1.1\r\nHost: test\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\n\r\n", 400),
        (b"TRACE / HTTP/1.1\r\nHost: test\r\n\r\n", 405),
        (b"POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 10000000\r\n\r\n", 413),
        (b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\nHost: test\r\n\r\n", 414),
        (b"GET / HTTP/1.1\r\nHost: test\r\nX: " + b"a" * 20_000 + b"\r\n\r\n", 431),
    ],
)
def test_what_nginx_refuses_itself_is_a_document_as_well(proxy: Proxy, sent: bytes, status: int) -> None:
    with proxy.connect() as one:
        one.sendall(sent)
        head, _, body = b"".join(iter(lambda: one.recv(65_536), b"")).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 %d " % status)
    assert b"\r\nstrict-transport-security: " in head.lower()
    assert status == json.loads(body)["status"]


def _held_behind(proxy: Proxy) -> int:
    return sum(
        one.status == "ESTABLISHED" for one in psutil.Process(proxy.behind.process.pid).net_connections()
    )


def _held(proxy: Proxy) -> int:
    """Return how many connections nginx still holds from elsewhere."""
    return sum(
        one.status == "ESTABLISHED" and one.laddr[1:] == (proxy.port,) and one.raddr[:1] == (ELSEWHERE,)
        for one in psutil.net_connections("tcp4")
    )
