"""Starts processes as copies of one that has loaded the product: in a tenth of what a new Python costs.

A copy has its own session, environment, output and id, and ends like any other process. What a new Python
does before it runs the first line of ours is left out: tests about that start one (`executed`).
"""

import atexit
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import IO

from kit.checkout import ROOT
from tests.servers.copies.original import NUMBER

POSSIBLE = sys.platform == "linux"
"""Elsewhere system libraries do not bear it."""

PATIENCE = 240.0
"""Seconds for the original to load the product, on a machine that is very busy."""


class Copy:
    """A process that was started as a copy.

    Nobody waits for it before he asks for something: the first one of all begins some seconds later, when the
    original has loaded the product, and a test may have a loop to turn meanwhile.

    Args:
        told: where its id is told, and how it ended.
        words: what it runs, for messages.
    """

    def __init__(self, told: socket.socket, words: Sequence[str]) -> None:
        self._told = told
        self._words = words
        self._pid: int | None = None
        self.returncode: int | None = None

    @property
    def pid(self) -> int:
        if not self._begun(PATIENCE):
            raise TimeoutError("the process that is copied does not answer")
        assert self._pid is not None
        return self._pid

    def poll(self) -> int | None:
        """Return the exit code, or minus the number of the signal that ended it; None while it runs."""
        return self._after(0)

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end.

        Args:
            timeout: seconds; None waits without end.

        Raises:
            subprocess.TimeoutExpired: it goes on.
        """
        found = self._after(timeout)
        if found is None:
            raise subprocess.TimeoutExpired(self._words, timeout or 0)
        return found

    def send_signal(self, number: int) -> None:
        """Send a signal; nothing happens where it has ended."""
        if self.poll() is None:
            with suppress(ProcessLookupError):  # it ends just now
                os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def _begun(self, seconds: float | None) -> bool:
        if self._pid is None:
            self._pid = self._number(seconds)
        return self._pid is not None

    def _after(self, seconds: float | None) -> int | None:
        if self.returncode is None and self._begun(seconds):
            self.returncode = self._number(seconds)
            if self.returncode is not None:
                self._told.close()
        return self.returncode

    def _number(self, seconds: float | None) -> int | None:
        """Return the next number that is told; None when there is none in so many seconds."""
        if not select.select([self._told], [], [], seconds)[0]:
            return None
        said = self._told.recv(NUMBER.size)
        if len(said) < NUMBER.size:
            raise RuntimeError("the process that is copied has ended")
        number: int = NUMBER.unpack(said)[0]
        return number


type Process = subprocess.Popen[bytes] | Copy


def send_to_session(process: Process, number: int) -> None:
    """Send a signal to a process and what it started; nothing happens where all of them have ended.

    The id of a copy is given up when it ends, not when somebody asks how it ended.
    """
    try:
        os.killpg(process.pid, number)
    except ProcessLookupError:
        process.send_signal(number)  # a copy that has only just begun is alone, and in no session of its own


@cache
def _original() -> socket.socket:
    """Start the process that is copied; it ends with this one. Return where it is asked."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        original = subprocess.Popen(
            [sys.executable, "-m", "tests.servers.copies.original", str(theirs.fileno())],
            cwd=ROOT, env={"PATH": os.defpath}, stdin=subprocess.DEVNULL, pass_fds=[theirs.fileno()],
            start_new_session=True,
        )  # fmt: skip

    def end() -> None:
        ours.close()
        original.wait()

    atexit.register(end)
    return ours


def start(
    module: str,
    words: Sequence[str],
    environment: Mapping[str, str],
    output: IO[bytes] | None = None,
    errors: IO[bytes] | None = None,
    *,
    root: Path = ROOT,
    executed: bool = False,
) -> Process:
    """Run a module as `python -m` does, in a session of its own.

    Args:
        module: its name.
        words: its arguments.
        environment: all that it finds there.
        output: where its standard output goes; None: nowhere.
        errors: where its standard error goes; None is the same place.
        root: the build that it is of.
        executed: whether it is a new Python also where a copy would do.
    """
    if output is None:
        with Path(os.devnull).open("wb") as nowhere:
            return start(module, words, environment, nowhere, errors, root=root, executed=executed)
    if executed or root != ROOT or not POSSIBLE:
        return subprocess.Popen(
            [sys.executable, "-m", module, *words], env=environment, stdout=output, stderr=errors or output,
            start_new_session=True, cwd=root,
        )  # fmt: skip
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    asked = json.dumps({"module": module, "words": list(words), "environment": dict(environment)})
    with theirs:
        files = (output, errors or output, theirs)
        socket.send_fds(_original(), [asked.encode()], [one.fileno() for one in files])
    return Copy(ours, [module, *words])


def ran(words: Sequence[str], environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run the command to its end; return its exit code and what it wrote to its two outputs."""
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        code = start("scripts.main", words, environment, output, errors).wait()
        written = [file.read().decode() for file in (output, errors) if not file.seek(0)]
    return subprocess.CompletedProcess(["frankenjet", *words], code, *written)
