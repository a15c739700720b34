"""How a picture is handed to what forks a process for it: a request with open files, on a socket."""

import json
import socket
from typing import Any, NamedTuple

_LENGTH = 4
_FILES = 4


class PictureRequest(NamedTuple):
    """What is to be done with a picture."""

    work: str
    """Its name."""
    wish: Any
    """What it is told, as JSON has it."""
    seconds: float
    """That it may take."""


class GivenFiles(NamedTuple):
    """Open files that come with a request."""

    source: int
    target: int
    said: int
    """Where the process says what it found."""
    line: int
    """A socket: who asks hears by it how the process has ended, and closes it when he waits no longer."""


def send(requests: socket.socket, request: PictureRequest, files: GivenFiles) -> None:
    """Send a request; raises OSError where it cannot be sent at once."""
    body = json.dumps(request).encode()
    message = len(body).to_bytes(_LENGTH) + body
    if socket.send_fds(requests, [message], files) < len(message):
        raise BlockingIOError("it takes nothing at this moment")


def received(requests: socket.socket) -> tuple[PictureRequest, GivenFiles] | None:
    """Return the next request; None: there will be none any more."""
    head, files, *_ = socket.recv_fds(requests, _LENGTH, _FILES)
    if len(head) < _LENGTH:
        return None
    body = requests.recv(int.from_bytes(head), socket.MSG_WAITALL)
    return PictureRequest(*json.loads(body)), GivenFiles(*files)
