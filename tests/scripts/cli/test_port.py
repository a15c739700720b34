"""Which port the API gets."""

import socket
from collections.abc import Iterator

import pytest

from kit.embedded.state import EmbeddedError
from scripts.cli.port import PORTS, answers, choose_port, origin


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as door:
        yield door.getsockname()[1]


def test_an_explicit_port_that_is_taken_is_an_error(taken: int) -> None:
    with pytest.raises(EmbeddedError, match=f"port {taken} is taken"):
        choose_port("127.0.0.1", taken)
    with pytest.raises(EmbeddedError, match=f"port {taken} is taken"):
        choose_port("0.0.0.0", taken)  # noqa: S104 - the case in question


def test_without_one_the_next_free_port_is_found() -> None:
    first = choose_port("127.0.0.1", None)
    assert first in PORTS
    with socket.create_server(("127.0.0.1", first)):
        second = choose_port("127.0.0.1", None)
    assert second > first


def test_a_free_port_is_given_as_asked_for(taken: int) -> None:
    with socket.create_server(("127.0.0.1", 0)) as door:
        free = door.getsockname()[1]
    assert free != taken
    assert choose_port("127.0.0.1", free) == free


def test_the_api_is_called_where_it_can_be_reached() -> None:
    assert origin("0.0.0.0", 8000) == "http://127.0.0.1:8000"  # noqa: S104
    assert origin("::", 8000) == "http://[::1]:8000"
    assert origin("127.0.0.1", 80) == "http://127.0.0.1:80"


def test_nobody_answers_at_a_closed_door(taken: int) -> None:
    with socket.create_server(("127.0.0.1", 0)) as door:
        free = door.getsockname()[1]
    assert not answers(f"http://127.0.0.1:{free}/readyz")
    assert not answers(f"http://127.0.0.1:{taken}/readyz")
