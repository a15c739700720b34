"""WebSockets and event streams over a real server: judged, counted, bounded, cut, and ended at once."""

import json
import re
import signal
import time
from contextlib import ExitStack, suppress
from typing import Any

import pytest

from kit.running.processes import wait_until
from tests.kit.http.conftest import Server
from tests.kit.http.edge.client import Client

AT_MOST = 4
"""Lasting connections of one address in the small application."""

ECHO, POURED = "/v1/things/echo", "/v1/things/poured"
SLOW = "/v1/things/slow"
EVENTS, FLOOD = "/v1/things/events", "/v1/things/flood"
DIRECT = "/v1/things/direct"


def is_cut(client: Client) -> bool:
    """Send what needs no answer, and say whether the connection has ended: who is silent is cut anyhow."""
    try:
        client.socket.send(b"\x8a\x80mask" if b" 101 " in client.head else b"a")
    except OSError:
        return True
    return False


def figure(server: Server, line: str) -> float:
    _, came, _ = server.say(b"GET /v1/things/figures HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n")
    found = re.search(rf"^{re.escape(line)} (.*)$".encode(), came, re.MULTILINE)
    return float(found[1]) if found else 0.0


def opened(server: Server, kind: str) -> float:
    return figure(server, f'http_open_streams{{kind="{kind}"}}')


def test_what_is_said_comes_back_and_the_log_has_one_line_at_the_end(own: Server) -> None:
    client = Client(own, ECHO, "X-Request-ID: order-17-2026", "Origin: http://test")
    assert client.status == 101
    client.say("hello")
    assert client.hear() == (1, b"order-17-2026 hello")
    assert opened(own, "websocket") == 1
    client.socket.close()
    assert wait_until(lambda: opened(own, "websocket") == 0, 30)
    time.sleep(0.5)
    lines = [json.loads(line) for line in own.log.read_text().splitlines()]
    (line,) = [one for one in lines if one.get("path") == ECHO]
    assert (line["status"], line["route"], line["request_id"]) == (101, "websocket", "order-17-2026")
    assert not [one for one in lines if one["event"] != "request"]
    assert figure(own, 'http_request_duration_seconds_count{method="GET",route="websocket"}') == 0


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        (ECHO, ["Origin: https://evil.example"], 403),
        (ECHO, ["Origin: null"], 403),
        (ECHO, ["Origin: https://friend.example"], 101),
        (ECHO, ["Host: test", "Host: test"], 400),
        (f"{ECHO}%2f", [], 404),
        (f"{ECHO}?a=%zz", [], 400),
        (ECHO, [f"X: {'a' * 20_000}"], 431),
        ("/" + "a" * 9_000, [], 414),
        ("/nowhere", [], 403),
    ],
)
def test_a_websocket_is_judged_like_a_request(
    server: Server, path: str, headers: list[str], status: int
) -> None:
    client = Client(server, path, *headers)
    assert client.status == status
    if status != 101:
        assert b"content-type: application/problem+json" in client.head
    client.socket.close()


def test_an_address_has_a_bounded_number_of_them(own: Server) -> None:
    with ExitStack() as stack:
        for number in range(AT_MOST):
            client = Client(own, *((ECHO,) if number % 2 else (EVENTS,)), websocket=bool(number % 2))
            stack.callback(client.socket.close)
            assert client.status in {101, 200}
        assert (opened(own, "websocket"), opened(own, "events")) == (2, 2)
        for websocket in (True, False):
            refused = Client(own, ECHO if websocket else EVENTS, websocket=websocket)
            assert refused.status == 429
            refused.socket.close()
    assert wait_until(lambda: opened(own, "websocket") + opened(own, "events") == 0, 30)
    assert Client(own, ECHO).status == 101


def test_all_of_them_end_at_once_when_the_process_ends(own: Server) -> None:
    speaking, silent = Client(own, ECHO), Client(own, ECHO)
    reading = Client(own, EVENTS, websocket=False)
    assert (speaking.status, silent.status, reading.status) == (101, 101, 200)
    speaking.say("hello")
    speaking.hear()
    started = time.monotonic()
    own.process.send_signal(signal.SIGTERM)
    for client in (speaking, silent):
        kind, said = client.hear()
        assert (kind, int.from_bytes(said[:2])) == (8, 1001)
    assert reading.rest().endswith(b"\r\n0\r\n\r\n")
    assert time.monotonic() - started < 5
    assert own.process.wait(30) == 0


@pytest.mark.parametrize(("path", "websocket"), [(POURED, True), (FLOOD, False), (DIRECT, False)])
def test_who_does_not_read_is_cut(own: Server, path: str, websocket: bool) -> None:  # noqa: FBT001 - a column
    kind = "websocket" if websocket else "events"
    client = Client(own, path, websocket=websocket)
    assert wait_until(lambda: opened(own, kind) == 1, 30)
    assert wait_until(lambda: is_cut(client), 30)
    assert opened(own, kind) == 0
    with suppress(ConnectionResetError):
        assert not client.rest().endswith(b"\r\n0\r\n\r\n")
    lines = [json.loads(line) for line in own.log.read_text().splitlines()]
    assert not [line for line in lines if line["event"] != "request"], "nobody looks for a fault of ours"
    assert own.say(b"GET /v1/things HTTP/1.1\r\nHost: test\r\n\r\n", linger=0)[0] == 200


def test_a_time_out_of_the_application_itself_is_told_as_its_fault(own: Server) -> None:
    client = Client(own, SLOW)
    kind, said = client.hear()
    assert (kind, int.from_bytes(said[:2])) == (8, 1011)
    assert "unhandled" in own.log.read_text()


def test_what_is_sent_directly_comes_in_order_with_what_the_stream_sends_itself(own: Server) -> None:
    client = Client(own, DIRECT, websocket=False)
    assert client.status == 200
    client.socket.settimeout(20)
    came = bytearray()
    while len(came) < 20_000_000:
        piece = client.socket.recv(2**18)
        assert piece, "it ended"
        came += piece
    client.socket.close()
    told = re.findall(rb"data: (\d+)( *)\n\n", came)
    assert [*map(int, (number for number, _ in told))] == [*range(len(told))]
    assert [number for number, spaces in told[1:] if not spaces], "the server took everything at once"
    assert wait_until(lambda: opened(own, "events") == 0, 30)
    assert wait_until(lambda: line_of(own, DIRECT) is not None, 30)
    line = line_of(own, DIRECT)
    assert line is not None
    assert line["bytes"] >= sum(len(b"data: \n\n") + len(number) + len(spaces) for number, spaces in told)


def line_of(server: Server, path: str) -> dict[str, Any] | None:
    lines = [json.loads(line) for line in server.log.read_text().splitlines()]
    return next((one for one in lines if one.get("path") == path), None)
