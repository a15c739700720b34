"""WebSockets are spoken on connections of our own: what comes in is bounded, and nothing is lost or kept."""

import json
from pathlib import Path

import pytest

from kit.running.processes import wait_until
from tests.kit.http.conftest import Server
from tests.kit.http.edge.client import Client, framed

ECHO = "/v1/things/echo"
TEXT, MORE, LAST, PING = 0x01, 0x00, 0x80, 0x89
KIB = 1024

FLOODS = {
    "a message of 64 KiB and one byte": (framed(LAST | TEXT, bytes(64 * KIB + 1)), 1009),
    "a message that says that it has 17 MB": (framed(LAST | TEXT, b"", said=17_000_000), 1009),
    "parts that are too much together": (
        framed(TEXT, bytes(40 * KIB)) + framed(MORE, bytes(20 * KIB)) + framed(LAST, bytes(20 * KIB)),
        1009,
    ),
    "parts without end": (framed(TEXT, b"") + framed(MORE, b"") * 300, 1008),
    "pings without end": (framed(PING, b"") * 300, 1008),
    "no text": (framed(LAST | TEXT, b"\xff"), 1007),
    "no mask": (bytes([0x81, 2]) + b"hi", 1002),
    "compressed, as nobody agreed on": (framed(LAST | 0x40 | TEXT, b"hi"), 1002),
    "a kind that there is not": (framed(LAST | 0x03, b"hi"), 1002),
    "a ping in parts": (framed(0x09, b"hi"), 1002),
    "a part of nothing": (framed(LAST, b"hi"), 1002),
    "HTTP": (b"GET / HTTP/1.1\r\nHost: test\r\n\r\n", 1002),
}
"""What is sent → the code with which it is closed."""


def files_of(server: Server) -> int:
    """Return how many files a server has open after what it opens for the first one, once that is closed."""
    Client(server, ECHO).socket.close()
    seen: list[int] = []

    def is_settled() -> bool:
        seen.append(_files_of(server))
        return len(seen) > 50 and len(set(seen[-50:])) == 1

    assert wait_until(is_settled, 30)
    return seen[-1]


def _files_of(server: Server) -> int:
    return len(list(Path(f"/proc/{server.process.pid}/fd").iterdir()))


@pytest.mark.parametrize("flood", FLOODS)
def test_what_nobody_may_send_closes_the_websocket_and_says_why(server: Server, flood: str) -> None:
    sent, code = FLOODS[flood]
    client = Client(server, ECHO)
    client.socket.sendall(sent)
    kind, said = client.hear()
    while kind == 0x0A:  # pongs of the pings that came before
        kind, said = client.hear()
    assert (0x8, code) == (kind, int.from_bytes(said[:2]))
    assert b"" == client.rest()


def test_a_message_may_come_in_parts_and_a_ping_between_them(server: Server) -> None:
    client = Client(server, ECHO, "X-Request-ID: order-17-2026")
    whole = framed(TEXT, "Ту-".encode()) + framed(PING, b"there?") + framed(LAST | MORE, b"144 ")
    for byte in whole:  # and its bytes one by one
        client.socket.sendall(bytes([byte]))
    assert (0xA, b"there?") == client.hear()
    assert (0x1, "order-17-2026 Ту-144 ".encode()) == client.hear()
    client.socket.sendall(framed(LAST | 0x08, (1000).to_bytes(2)))
    assert (0x8, (1000).to_bytes(2)) == client.hear()
    assert b"" == client.rest()


def test_what_is_said_at_once_is_heard_and_no_file_stays_open(own: Server) -> None:
    before = files_of(own)
    for number in range(150):
        client = Client(own, ECHO)
        client.say(str(number))
        assert client.hear()[1].endswith(b" %d" % number)
        client.socket.close()
    assert wait_until(lambda: _files_of(own) <= before, 30)


def test_a_websocket_is_one_file_and_its_beginning_has_the_headers_of_every_answer(own: Server) -> None:
    before = files_of(own)
    opened = [Client(own, ECHO, "X-Request-ID: order-17-2026") for _ in range(3)]
    assert wait_until(lambda: _files_of(own) == before + 3, 30)
    head = opened[0].head.lower()
    for line in (b"x-request-id: order-17-2026", b"x-content-type-options: nosniff", b"server: web"):
        assert line in head
    assert b"sec-websocket-extensions" not in head


@pytest.mark.parametrize(
    ("request_line", "lines", "status"),
    [
        (f"GET {ECHO}", ["Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13"], 400),
        (f"GET {ECHO}", ["Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Key: {key}"], 400),
        (f"GET {ECHO}", ["Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: {key}"], 400),
        ("GET /v1/things", ["Connection: Upgrade", "Upgrade: h2c"], 200),
        ("GET /v1/things", ["Connection: Upgrade", "Upgrade: websocket", "Content-Length: 0"], 200),
        ("HEAD /v1/things", ["Connection: Upgrade", "Upgrade: websocket"], 200),
        ("POST /v1/things", ["Connection: Upgrade", "Upgrade: websocket", "Content-Length: 0"], 422),
    ],
)
def test_what_asks_for_no_websocket_of_today_is_refused_or_an_ordinary_request(
    server: Server, request_line: str, lines: list[str], status: int
) -> None:
    key = "ZnJhbmtlbmpldC1iZW5jaA=="
    head = "\r\n".join([f"{request_line} HTTP/1.1", "Host: test", *lines, "", ""]).replace("{key}", key)
    answered, came, _ = server.say(head.encode(), linger=0)
    assert status == answered
    if status == 400:
        assert b"sec-websocket-version: 13" in came.lower()
        assert "/problems/bad-request" == json.loads(came.partition(b"\r\n\r\n")[2])["type"]
