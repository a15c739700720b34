"""Connections are found among the open files of a process: that of the client who asked, and no other."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from kit.http.edge.connections import Ends, ends_of
from kit.http.edge.websockets.taking import OpenFiles
from tests.kit.http.edge.client import cut


@pytest.fixture(params=["127.0.0.1", "::1"])
def door(request: pytest.FixtureRequest) -> Iterator[socket.socket]:
    family = socket.AF_INET6 if ":" in request.param else socket.AF_INET
    try:
        made = socket.create_server((request.param, 0), family=family)
    except OSError:
        pytest.skip("this machine has no IPv6")
    with made:
        yield made


def open_files() -> list[Path]:
    return list(Path("/dev/fd").iterdir())


def came(door: socket.socket, port: int = 0) -> tuple[socket.socket, socket.socket, Ends]:
    """Return both ends of a connection, and what they are called; `port`: of the client, if it is wanted."""
    client = socket.socket(door.family)
    client.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    client.bind((door.getsockname()[0], port))
    client.connect(door.getsockname()[:2])
    held, peer = door.accept()
    return client, held, ends_of(peer, held.getsockname())


def test_a_connection_is_found_by_its_ends_in_either_internet(door: socket.socket) -> None:
    client, held, ends = came(door)
    with client, held:
        found = OpenFiles().find(ends)
        assert found is not None
        assert held.fileno() == found.number
        taken = found.take()
        assert taken is not None
        with taken.copy:
            held.close()
            client.sendall(b"hello")
            taken.copy.settimeout(2)
            assert b"hello" == taken.copy.recv(5)


def test_who_comes_again_from_the_same_port_is_another(door: socket.socket) -> None:
    files = OpenFiles()
    client, held, ends = came(door)
    first = files.find(ends)
    assert first is not None
    cut(client)
    again, other, same = came(door, ends.client_port)
    with held, again, other:
        assert ends == same
        assert first.take() is None
        second = files.find(ends)
        assert second is not None
        assert other.fileno() == second.number
        os.dup2(other.fileno(), held.fileno())  # under the number of the one who is gone
        assert first.take() is None


def test_what_has_become_another_file_meanwhile_is_not_kept_open(door: socket.socket) -> None:
    client, held, ends = came(door)
    found = OpenFiles().find(ends)
    assert found is not None
    with client, held, Path(__file__).open("rb") as file:
        os.dup2(file.fileno(), held.fileno())
        before = open_files()
        assert found.take() is None
        assert before == open_files()
