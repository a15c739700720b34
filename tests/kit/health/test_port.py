"""The port where a process that serves nothing else is asked how it is."""

import asyncio
import socket
from collections.abc import Iterator
from http.client import HTTPConnection

import pytest

from kit.health.port import LONGEST_HEAD, HealthAnswer, HealthPort


async def well() -> HealthAnswer:
    return HealthAnswer(200, "application/json", b'{"alive":true}')


async def slow() -> HealthAnswer:
    await asyncio.sleep(60)
    raise AssertionError


@pytest.fixture
def port() -> Iterator[int]:
    with HealthPort("127.0.0.1", 0, {"/livez": well, "/slow": slow}) as listening:
        yield listening.port


@pytest.mark.parametrize(
    ("method", "target", "status", "body"),
    [
        ("GET", "/livez", 200, b'{"alive":true}'),
        ("GET", "/livez?verbose", 200, b'{"alive":true}'),
        ("HEAD", "/livez", 200, b""),
        ("POST", "/livez", 405, b""),
        ("GET", "/", 404, b""),
        ("GET", "livez", 400, b""),
    ],
)
def test_what_is_asked_is_answered(port: int, method: str, target: str, status: int, body: bytes) -> None:
    line = HTTPConnection("127.0.0.1", port, timeout=5)
    line.request(method, target)
    answer = line.getresponse()
    assert (status, body) == (answer.status, answer.read())
    line.close()


def said_to(port: int, sent: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=5) as line:
        line.sendall(sent)
        line.shutdown(socket.SHUT_WR)
        try:
            return line.recv(100)
        except ConnectionResetError:
            return b""


@pytest.mark.parametrize("sent", [b"", b"GET /livez", b"\x00" * (LONGEST_HEAD * 2)])
def test_what_is_no_request_is_cut_off_and_others_are_still_answered(port: int, sent: bytes) -> None:
    assert b"" == said_to(port, sent)
    assert said_to(port, b"GET /livez HTTP/1.1\r\n\r\n").startswith(b"HTTP/1.1 200 OK\r\n")


def test_a_client_that_is_slow_to_ask_or_to_be_answered_keeps_nobody_waiting(port: int) -> None:
    with (
        socket.create_connection(("127.0.0.1", port)) as silent,
        socket.create_connection(("127.0.0.1", port)) as waiting,
    ):
        silent.sendall(b"GET /liv")
        waiting.sendall(b"GET /slow HTTP/1.1\r\n\r\n")
        assert said_to(port, b"GET /livez HTTP/1.1\r\n\r\n").startswith(b"HTTP/1.1 200 OK\r\n")


def test_a_port_that_is_taken_is_an_error_at_once(port: int) -> None:
    with pytest.raises(OSError, match="in use"), HealthPort("127.0.0.1", port, {}):
        raise AssertionError


def test_a_port_that_there_is_not_is_an_error_at_once() -> None:
    with pytest.raises(OverflowError, match="65535"), HealthPort("127.0.0.1", 65_536, {}):
        raise AssertionError


def test_a_port_that_was_left_is_free_again() -> None:
    with HealthPort("127.0.0.1", 0, {"/livez": well}) as first:
        port = first.port
    with HealthPort("127.0.0.1", port, {"/livez": well}):
        assert said_to(port, b"GET /livez HTTP/1.1\r\n\r\n").startswith(b"HTTP/1.1 200 OK\r\n")
