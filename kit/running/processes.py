"""Processes of our own: started in sessions of their own, known by a mark, ended without a trace."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

MARK = "FRANKENJET_MARK"
"""Environment variable that a process and all its descendants carry."""

LOOK_SECONDS = 0.02
"""Seconds between two looks at something that is awaited."""

PROC = Path("/proc")


def wait_until(condition: Callable[[], bool], limit: float) -> bool:
    """Return True as soon as the condition holds, False when it does not within `limit` seconds."""
    deadline = time.monotonic() + limit
    while not condition():
        if time.monotonic() >= deadline:
            return False
        time.sleep(LOOK_SECONDS)
    return True


def arguments(pid: int) -> bytes:
    """Return the command line of a process; empty for one that is gone or waits to be reaped."""
    if sys.platform == "linux":
        try:
            return (PROC / str(pid) / "cmdline").read_bytes()
        except OSError:
            return b""
    return _ps("-o", "args=", "-p", str(pid))


def carries(pid: int, mark: str) -> bool:
    """Tell whether this pid is, at this moment, a living process with our mark, or one that begins so.

    A pid alone says nothing: it may be a zombie, or by now name another program.
    The mark is ASCII, since `ps` shows anything else as question marks under some locales.
    """
    if _shows(arguments(pid), mark):
        return True
    try:
        environment = (PROC / str(pid) / "environ").read_bytes()
    except OSError:
        return False
    return f"\0{MARK}={mark}".encode() in b"\0" + environment


def marked(mark: str) -> list[int]:
    """Return the pids of all living processes with this mark, among those that we may look at."""
    if sys.platform == "linux":
        pids = [int(entry.name) for entry in PROC.iterdir() if entry.name.isdigit()]
        return [pid for pid in pids if carries(pid, mark)]
    lines = _ps("-ax", "-o", "pid=,args=").splitlines()
    return [int(line.split(None, 1)[0]) for line in lines if _shows(line, mark)]


def _shows(line: bytes, mark: str) -> bool:
    text = mark.encode()
    return b"=" + text in line or line.startswith(b"postgres: " + text)


def _ps(*options: str) -> bytes:
    return subprocess.run(["ps", "-ww", *options], capture_output=True, check=False).stdout  # noqa: S603, S607 - fixed words; its place differs between systems


def end(mark: str, limit: float) -> list[int]:
    """End every process with this mark: SIGTERM, and SIGKILL after `limit` seconds; return whom it met."""
    met = marked(mark)
    send(met, signal.SIGTERM)
    if met and not wait_until(lambda: not any(carries(pid, mark) for pid in met), limit):
        send((pid for pid in met if carries(pid, mark)), signal.SIGKILL)
        wait_until(lambda: not any(carries(pid, mark) for pid in met), 1)
    return met


def send(pids: Iterable[int], what: signal.Signals) -> None:
    """Send a signal to those of the processes that still exist."""
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, what)


def spawn(
    argv: Sequence[str | Path],
    *,
    log: Path,
    env: Mapping[str, str],
    cwd: Path | None = None,
    user: tuple[int, int] | None = None,
    keep: Sequence[int] = (),
) -> subprocess.Popen[bytes]:
    """Start a program in a session of its own, so that Ctrl-C reaches it only through us.

    Args:
        argv: the program and its arguments; no shell comes near them.
        log: file that its output is appended to; we open it, so a lesser user need not be able to.
        env: its whole environment.
        cwd: folder that it starts in; None is ours.
        user: uid and gid that it runs as, without further groups; None is ours.
        keep: open file descriptors that it inherits.
    """
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    lesser = {} if user is None else {"user": user[0], "group": user[1], "extra_groups": []}
    try:
        return subprocess.Popen(  # type: ignore[call-overload,no-any-return]  # noqa: S603 - our own argv
            argv,
            stdin=subprocess.DEVNULL,
            stdout=descriptor,
            stderr=subprocess.STDOUT,
            env=dict(env),
            cwd=cwd,
            start_new_session=True,
            umask=0o077,
            pass_fds=tuple(keep),
            **lesser,
        )
    finally:
        os.close(descriptor)


@dataclass
class Child:
    """A program of ours that is kept running."""

    name: str
    argv: Sequence[str | Path]
    log: Path
    mark: str
    env: Mapping[str, str]
    keep: Sequence[int] = ()
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def start(self) -> None:
        """Start it, free of what an earlier one that was killed may have left running."""
        send(marked(self.mark), signal.SIGKILL)
        self.process = spawn(self.argv, log=self.log, env={**self.env, MARK: self.mark}, keep=self.keep)

    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def stop(self, limit: float) -> None:
        """End it and all that it started: SIGTERM to it, SIGKILL to what is left after `limit` seconds."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            if not wait_until(lambda: not self.alive(), limit):
                with suppress(ProcessLookupError, PermissionError):  # the group may be gone this instant
                    os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()
        send(marked(self.mark), signal.SIGKILL)


def tail(log: Path, since: int = 0, lines: int = 12) -> str:
    """Return the last lines that were written to a log after byte `since`."""
    try:
        with log.open("rb") as file:
            file.seek(max(since, log.stat().st_size - 16384))
            text = file.read().decode(errors="replace")
    except OSError:
        return ""
    return "\n".join(text.strip().splitlines()[-lines:])


def shorten(log: Path, limit: int = 64 * 1024 * 1024) -> None:
    """Begin a new log once it is longer than `limit` bytes; the last 64 KiB stay in `<log>.old`.

    Its writers append, so they go on at the new end without being told. Where there is no room for the last
    64 KiB they are lost: what makes room must not be ended by the lack of it.
    """
    with suppress(FileNotFoundError):
        if log.stat().st_size > limit:
            with suppress(OSError), log.open("rb") as file:
                file.seek(-65536, os.SEEK_END)
                log.with_name(log.name + ".old").write_bytes(file.read())
            os.truncate(log, 0)
