"""The standard streams of a command: there, in UTF-8, and left quietly when nobody reads."""

import os
import sys
from io import TextIOWrapper
from typing import Any

import orjson


def open_standard_streams() -> None:
    """Put something where the caller closed a stream, so that no file or socket of ours gets its number."""
    for number in range(3):
        try:  # what is opened gets the lowest free number
            os.fstat(number)
        except OSError:
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)  # noqa: FBT003
    sys.stdout = sys.stdout or os.fdopen(1, "w", closefd=False)
    sys.stderr = sys.stderr or os.fdopen(2, "w", closefd=False)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def flush() -> None:
    """Write what was printed; where that cannot be done, drop it: the end of the process would try again.

    Raises:
        OSError: nobody reads any more, or there is no room.
    """
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise


def complain(line: str) -> None:
    """Say something on standard error, if anybody hears it."""
    try:
        print(line, file=sys.stderr, flush=True)
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())


def as_json(document: Any) -> str:
    """Return a document as JSON; ids of the driver's own kind are ids."""
    return orjson.dumps(document, default=str).decode()
