"""What forks readers for tests: they do their worst, as if what they read had taken them over."""

import os
import resource
import signal
import time
from collections.abc import Mapping
from typing import Any, BinaryIO

from kit.pictures.forking import WORKS, serve
from kit.pictures.reading import Work

LIES = (
    '{"type": "image/png", "width": 1, "height": 1, "came_as": "image/png"}',
    '{"type": "text/html", "width": 1, "height": 1, "came_as": "image/png"}',
    '{"type": "image/png", "width": -1, "height": 1, "came_as": "image/png"}',
    '{"type": "image/png", "width": 1, "height": 1, "came_as": "image/png", "more": 1}',
    '{"refused": "not a reason"}', '{"refused": []}', "[1]", "null", "", "\xff", "[" * 9_000,
)  # fmt: skip

FLOOD = len(LIES)
"""Asked for so large a square, a reader says more and more."""


def lying(square: int) -> Work:
    """Return what writes a page, and says that it is a picture, or says nothing that makes sense."""

    def work(_source: BinaryIO, target: BinaryIO) -> Mapping[str, Any]:
        while square == FLOOD:
            os.write(2, b"x" * 65536)
        target.write(b"<script>")
        target.flush()
        os.write(2, LIES[square].encode())
        os._exit(0)

    return work


def hanging(_: object) -> Work:
    """Return what writes its pid, and waits until there is something in its source."""

    def work(source: BinaryIO, target: BinaryIO) -> Mapping[str, Any]:
        target.write(f"{os.getpid()} ".encode())
        target.flush()
        while not os.fstat(source.fileno()).st_size:
            time.sleep(0.01)
        return {"pid": os.getpid()}

    return work


def ending(by: int) -> Work:
    """Return what is ended by a signal; by SIGXCPU of its limit."""

    def work(_source: BinaryIO, _target: BinaryIO) -> Mapping[str, Any]:
        if by == signal.SIGXCPU:
            resource.setrlimit(resource.RLIMIT_CPU, (0, 10))
            while True:
                pass
        os.kill(os.getpid(), by)
        return {}

    return work


def greedy(_: object) -> Work:
    """Return what takes more memory than it may."""
    return lambda _source, _target: {"taken": len(bytearray(400 * 1024 * 1024))}


def looking(most: int) -> Work:
    """Return what tells everything that it has at hand: numbers of open files below a bound, and so on."""

    def work(_source: BinaryIO, _target: BinaryIO) -> Mapping[str, Any]:
        return {
            "open": [[number, os.fstat(number).st_ino] for number in range(most) if _is_open(number)],
            "environment": sorted(os.environ),  # noqa: TID251 - what it was given
            "nice": os.getpriority(os.PRIO_PROCESS, 0),
            "limits": [
                list(resource.getrlimit(one)) for one in (resource.RLIMIT_NPROC, resource.RLIMIT_NOFILE)
            ],
        }

    return work


def _is_open(number: int) -> bool:
    try:
        os.fstat(number)
    except OSError:
        return False
    return True


if __name__ == "__main__":
    serve({**WORKS, "clean": lying, "hang": hanging, "end": ending, "take": greedy, "look": looking})
