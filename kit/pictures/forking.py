"""Forks a process for each picture, from one that has imported what they need; run as `python -m`.

Who started it sends requests to its standard input, a socket, and it ends when that is closed. It reads no
picture itself, and what it forks has none of its descriptors.
"""

import ctypes
import gc
import json
import os
import resource
import selectors
import signal
import socket
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from PIL import Image

from kit.pictures.asking import GivenFiles, PictureRequest, received
from kit.pictures.reading import Work, bound, judged, mapped_alone, reader
from kit.pictures.resizing import resizer
from kit.running.priority import give_way

type Works = Mapping[str, Callable[[Any], Work]]
"""What can be asked for, by name: from the wish to what is done with a picture."""

WORKS: Works = {"clean": reader, "resize": resizer}

NICE = 10
"""Pictures wait for commands, not the other way round."""

MOST_OPEN = 1024
"""Descriptors that this process can have, so that all of them are closed at once in one that is forked."""

LATE_SECONDS = 5
"""Seconds after which a process ends by itself, should nobody have ended it in time."""

_DIE_WITH_PARENT = 1


def serve(works: Works = WORKS) -> None:
    """Fork as it is asked to, until nobody can ask any more."""
    give_way(NICE)
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = MOST_OPEN if most == resource.RLIM_INFINITY else min(MOST_OPEN, most)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    Image.preinit()  # it looks for files
    gc.collect()
    gc.freeze()  # what is not looked at is not copied
    with socket.socket(fileno=os.dup(0)) as requests:
        _Forks(requests, works).run()


class _Forks:
    """The processes that read at this moment, each with the line on which somebody waits for its end."""

    def __init__(self, requests: socket.socket, works: Works) -> None:
        self._requests, self._works = requests, works
        self._apart = mapped_alone()
        self._lines: dict[int, socket.socket] = {}
        self._ended, self._bell = socket.socketpair()
        self._selector = selectors.PollSelector()
        for one in (requests, self._ended):
            self._selector.register(one, selectors.EVENT_READ)
        for one in (self._ended, self._bell):
            one.settimeout(0)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self._bell.fileno(), warn_on_full_buffer=False)

    def run(self) -> None:
        """Do what is asked until nobody can ask any more; nothing that was forked is left then."""
        try:
            while self._step():
                pass
        finally:
            for pid in self._lines:
                _kill(pid)
            for pid in self._lines:
                os.waitpid(pid, 0)

    def _step(self) -> bool:
        for key, _ in self._selector.select():
            if key.fileobj is self._requests:
                asked = received(self._requests)
                if asked is None:
                    return False
                self._begin(*asked)
            elif key.fileobj is self._ended:
                with suppress(BlockingIOError):
                    self._ended.recv(4096)
            else:  # nobody waits for it any more
                self._selector.unregister(key.fileobj)
                _kill(key.data)
        self._reap()
        return True

    def _begin(self, request: PictureRequest, files: GivenFiles) -> None:
        parent = os.getpid()
        line = socket.socket(fileno=files.line)
        try:
            pid = os.fork()
        except OSError:  # who waits hears that the line is closed
            line.close()
        else:
            if not pid:
                _read(request, files, self._works, self._apart, parent)
            with suppress(OSError):  # it has done so itself, and may have ended
                os.setpgid(pid, pid)
            self._lines[pid] = line
            self._selector.register(line, selectors.EVENT_READ, pid)
        for one in files[:-1]:
            os.close(one)

    def _reap(self) -> None:
        while self._lines:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                return
            line = self._lines.pop(pid)
            with suppress(KeyError):
                self._selector.unregister(line)
            with suppress(OSError), line:
                line.send(str(os.waitstatus_to_exitcode(status)).encode())


def _kill(pid: int) -> None:
    """End a process that was not waited for yet, and whatever it has started."""
    for kill in (os.killpg, os.kill):
        with suppress(ProcessLookupError, PermissionError):
            kill(pid, signal.SIGKILL)


def _read(request: PictureRequest, files: GivenFiles, works: Works, apart: int, parent: int) -> None:
    """Read one picture, in the process that was forked for it; it ends with that."""
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.setpgid(0, 0)
        for number, descriptor in enumerate(files[:-1]):
            os.dup2(descriptor, number)
        os.closerange(3, MOST_OPEN)
        _end_with(parent)
        signal.alarm(int(request.seconds) + LATE_SECONDS)
        work = works[request.work](request.wish)
        bound(apart)
        with open(0, "rb", closefd=False) as source, open(1, "wb", closefd=False) as target:
            said = judged(source, target, work)
        os.write(2, f"\n{json.dumps(said)}\n".encode())
    finally:
        os._exit(0)  # nothing of a picture is looked at again


def _end_with(parent: int) -> None:
    """Have Linux end this process when its parent ends; elsewhere its own limits do."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


if __name__ == "__main__":
    serve()
