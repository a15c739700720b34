"""A folder for a Unix socket whose path is short enough for every system, and nobody else's."""

import os
import re
import socket
import stat
import struct
from contextlib import suppress
from pathlib import Path

from kit.embedded.home import Home
from kit.embedded.state import EmbeddedError, StateFolder

MAX_PATH_BYTES = 103
"""Bytes of a socket's path: 103 on macOS, 107 on Linux."""

PLAIN = re.compile(r"/[A-Za-z0-9._/-]*")
"""Paths that no client misreads: in an address, a comma or a colon would begin another host or a port."""


LEAF = "frankenjet-run-"


def _fits(folder: Path, name: str) -> bool:
    path = str(folder / name)
    return len(os.fsencode(path)) <= MAX_PATH_BYTES and PLAIN.fullmatch(path) is not None


def socket_folder(state: StateFolder, home: Home, preferred: Path, name: str) -> Path:
    """Return the folder for the socket `name`: the preferred one, or a short one where that does not fit.

    Raises:
        EmbeddedError: when somebody else holds the short folder's place.
    """
    if _fits(preferred, name):
        return preferred
    leaf = f"{LEAF}{home.uid}-{state.key}"
    given = os.environ.get("XDG_RUNTIME_DIR", "")  # noqa: TID251 - a fact of the login, not a setting of ours
    usable = home.user is None and given.startswith("/") and _fits(Path(given) / leaf, name)
    folder = (Path(given) if usable and Path(given).is_dir() else Path("/tmp")) / leaf  # noqa: S108 - checked below
    try:
        folder.mkdir(mode=0o700)
        if home.user is not None:
            os.chown(folder, *home.user, follow_symlinks=False)
    except FileExistsError:
        pass
    except OSError as problem:
        raise EmbeddedError(f"no place for a socket: {folder}: {problem.strerror}") from problem
    facts = folder.lstat()
    if not stat.S_ISDIR(facts.st_mode) or facts.st_uid != home.uid or facts.st_mode & 0o077:
        raise EmbeddedError(
            f"{folder} is not a private folder of ours: somebody else made it; remove it first"
        )
    return folder


def takes_connections(place: Path, login: str, database: str) -> bool:
    """Tell whether a PostgreSQL at a socket lets connections in; not while it starts, recovers or stops.

    After the death of one of its processes it recovers, and its postmaster.pid goes on to say "ready".
    """
    words = f"user\0{login}\0database\0{database}\0\0".encode()
    try:
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(1)
            line.connect(str(place))
            line.sendall(struct.pack("!ii", len(words) + 8, 3 << 16) + words)
            answer = line.recv(1024)
            line.sendall(b"X\0\0\0\4")
    except OSError:
        return False
    return bool(answer) and b"\0C57P03\0" not in answer


def leave(folder: Path) -> None:
    """Remove a short folder once its last socket is gone; any other folder stays."""
    if folder.name.startswith(LEAF):
        with suppress(OSError):  # another server's socket is still in it
            folder.rmdir()
