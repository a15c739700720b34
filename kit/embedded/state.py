"""The state folder: who may use it, where things live in it, and the locks that tell whether it is alive."""

import fcntl
import hashlib
import os
import pwd
import stat
from dataclasses import dataclass
from pathlib import Path

from kit.running.processes import wait_until


class EmbeddedError(RuntimeError):
    """An embedded part cannot be used; the message is one line for a person."""


class Lock:
    """A lock on a file, which ends with its last holder: no kill -9 and no reused pid can fake it.

    Every process that inherits the descriptor holds it too.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._descriptor = -1

    def take(self, *, shared: bool = False, wait: float = 0) -> bool:
        """Take the lock within `wait` seconds, or turn one that is held into the other kind."""
        if self._descriptor < 0:
            flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
            try:
                self._descriptor = os.open(self.path, flags, 0o600)
            except FileNotFoundError:  # the folder was removed: nobody holds anything in it
                return False
        kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
        if wait_until(lambda: self._try(kind), wait):
            return True
        self.release()
        return False

    def _try(self, kind: int) -> bool:
        try:
            fcntl.flock(self._descriptor, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def release(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    @property
    def descriptor(self) -> int:
        """The open file, to be inherited by those who shall hold the lock as well; -1 when not held."""
        return self._descriptor

    def note(self, text: str) -> None:
        """Leave a line for somebody who finds the lock taken."""
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, text.encode(), 0)

    def read_note(self) -> str:
        """Return the line that the holder left; empty when there is none."""
        return self.path.read_text(errors="replace").strip() if self.path.exists() else ""


@dataclass(frozen=True)
class StateFolder:
    """A state folder that is ours; `open_state` makes one."""

    folder: Path

    @property
    def key(self) -> str:
        """Twelve hex digits that stand for the path where it has to be short or ASCII."""
        return hashlib.sha256(os.fsencode(self.folder)).hexdigest()[:12]

    def mark(self, part: str) -> str:
        """Return the mark that the processes of a part carry."""
        return f"frankenjet-{self.key}-{part}"

    @property
    def identity(self) -> tuple[int, int] | None:
        """Which folder it is on this machine, whatever stands at its path; None: there is none."""
        try:
            facts = self.folder.stat()
        except OSError:
            return None
        return facts.st_dev, facts.st_ino

    def lock(self, name: str) -> Lock:
        """Return a lock of this folder, not yet taken: `up` lives, `servers` start or stop, ... ."""
        return Lock(self.folder / f"{name}.lock")

    def log(self, part: str) -> Path:
        """Return the file that a part's output goes to."""
        logs = self.folder / "logs"
        logs.mkdir(mode=0o700, exist_ok=True)
        return logs / f"{part}.log"

    @property
    def signing_key(self) -> Path:
        """Where the key that signs tokens is kept in embedded use."""
        return self.folder / "signing-key.pem"


def open_state(folder: Path, *, make: bool = True) -> StateFolder:
    """Return the state folder, made (0700) if it is missing.

    For root it is made 0711: PostgreSQL refuses to run as root, and the lesser user that it runs as must be
    able to pass. What is inside has modes of its own.

    Raises:
        EmbeddedError: it is missing and not to be made, cannot be made, is somebody else's, or others may
            write to it.
    """
    path = folder.expanduser().absolute()
    try:
        path = path.resolve()
        if not path.exists():
            if not make:
                raise EmbeddedError(
                    f"there is no installation in {path}: `frankenjet up` makes one; --state or"
                    " FRANKENJET_STATE names another folder, DATABASE_URL a database of your own"
                )
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
            path.chmod(0o700 if os.geteuid() else 0o711)
        facts = path.stat()
    except OSError as problem:
        raise EmbeddedError(f"the state folder {path} cannot be used: {problem.strerror}") from problem
    if not stat.S_ISDIR(facts.st_mode):
        raise EmbeddedError(f"the state folder {path} is not a folder")
    if facts.st_uid != os.geteuid():
        raise EmbeddedError(
            f"the state folder {path} belongs to {_name(facts.st_uid)}: run as that user or name another"
        )
    if facts.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise EmbeddedError(f"others may write to the state folder {path}: run `chmod go-w` on it first")
    return StateFolder(path)


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid {uid}"
