"""The data folder of an embedded PostgreSQL: made whole or not at all, and what its files tell."""

import os
import pwd
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from kit.embedded.binaries import Programs
from kit.embedded.home import Home
from kit.embedded.state import EmbeddedError
from kit.running.processes import MARK, end, tail

OWNER = "frankenjet"
DATABASE = "frankenjet"
BUILTIN_LOCALE = 17
"""First major version with a locale provider that needs nothing of the machine."""

ANY_LOGIN = 16
"""First major version whose map of names knows the word for every login."""

OTHER_LOGINS = ("frankenjet_login_write", "frankenjet_login_project", "frankenjet_login_read")

SOCKET = ".s.PGSQL.5432"
PORT = 5432


@dataclass(frozen=True)
class Pidfile:
    """What a running server says of itself in postmaster.pid."""

    pid: int
    socket_folder: Path
    status: str


def read_pidfile(data: Path) -> Pidfile | None:
    """Return what postmaster.pid holds; None while it is absent or half written."""
    try:
        lines = (data / "postmaster.pid").read_text(errors="replace").splitlines()
        return Pidfile(int(lines[0]), Path(lines[4]), lines[7].strip())
    except (OSError, IndexError, ValueError):
        return None


def pid_in(path: Path) -> int | None:
    """Return the pid in the first line of a lock file of PostgreSQL."""
    try:
        return abs(int(path.read_text(errors="replace").split()[0]))
    except (OSError, IndexError, ValueError):
        return None


def major_of(data: Path) -> int | None:
    """Return the major version that a data folder was made by; None when there is no data folder.

    Raises:
        EmbeddedError: when the folder is there but is not PostgreSQL's.
    """
    if not data.exists():
        return None
    try:
        return int((data / "PG_VERSION").read_text())
    except (OSError, ValueError):
        raise EmbeddedError(f"{data} is not a data folder of PostgreSQL") from None


def environment(mark: str) -> dict[str, str]:
    """Return the whole environment of PostgreSQL's programs: nothing of the caller's PG* and LC_* in it."""
    return {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC", MARK: mark}


def make_cluster(programs: Programs, home: Home, data: Path, log: Path, mark: str) -> None:
    """Make a data folder that holds our database, under another name first: nobody finds half of one.

    Raises:
        EmbeddedError: when PostgreSQL refuses.
    """
    end(mark, 1)
    fresh = data.with_name("data.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(mode=0o700)
    if home.maker is not None:
        fresh.parent.chmod(0o710)  # its group has no member but the maker
        os.chown(fresh, *home.maker)
    locale = (
        ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        if programs.major >= BUILTIN_LOCALE
        else ["--locale=C.UTF-8" if sys.platform == "linux" else "--locale=en_US.UTF-8", "--lc-messages=C"]
    )
    options = [f"--username={OWNER}", "--auth=peer", "--encoding=UTF8", "--data-checksums", *locale]
    _run([programs.folder / "initdb", "-D", fresh, *options], home, log, mark)
    _run(
        [programs.folder / "postgres", "--single", "-D", fresh, "postgres"],
        home,
        log,
        mark,
        say=f"CREATE DATABASE {DATABASE}\n",
    )
    home.give(fresh)
    fresh.rename(data)
    folder = os.open(data.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _run(argv: list[str | Path], home: Home, log: Path, mark: str, say: str = "") -> None:
    maker = home.maker
    lesser = {} if maker is None else {"user": maker[0], "group": maker[1], "extra_groups": []}
    since = log.stat().st_size if log.exists() else 0
    with os.fdopen(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "wb") as out:
        done = subprocess.run(  # type: ignore[call-overload]  # noqa: S603 - programs that we found
            argv,
            input=say.encode(),
            stdout=out,
            stderr=out,
            check=False,
            cwd="/",
            env=environment(mark),
            start_new_session=True,
            umask=0o077,
            **lesser,
        )
    said = tail(log, since)
    if done.returncode or "ERROR:" in said or "FATAL:" in said:
        if "could not look up effective user ID" in said:
            _our_name()
        raise EmbeddedError(f"PostgreSQL could not make its data folder: {said or argv[0]}")


def let_in_ourselves(data: Path, home: Home, major: int) -> None:
    """Write who may come to the server, unless it is written: our own uid, which the system tells it, alone.

    Data folders of earlier versions let in everybody who came to their socket.

    Raises:
        EmbeddedError: when our uid has no name.
    """
    logins = ["all"] if major >= ANY_LOGIN else [OWNER, *OTHER_LOGINS]
    name = _our_name().replace('"', '""')
    texts = {
        "pg_hba.conf": "# Over the socket only, and ourselves alone.\nlocal all all peer map=ourselves\n",
        "pg_ident.conf": "".join(f'ourselves "{name}" {login}\n' for login in logins),
    }
    for file, text in texts.items():
        path = data / file
        if path.exists() and text in path.read_text():
            continue  # a line that somebody added stays
        path.write_text(text)
        if home.user is not None:
            os.chown(path, *home.user)


def _our_name() -> str:
    uid = os.geteuid()
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        raise EmbeddedError(
            f"PostgreSQL needs its user to be known by name, and uid {uid} is not: "
            "add it to the user database, or set DATABASE_URL"
        ) from None


def remove_stale(data: Path, socket_folder: Path) -> None:
    """Remove what a killed server left; the caller knows that none of ours runs.

    A zombie answers to signals, and a pid may have been given to another program: PostgreSQL would believe
    either to be its former self and refuse to start. The shared memory of the data folder still guards it.
    """
    for path in (data / "postmaster.pid", socket_folder / SOCKET, socket_folder / f"{SOCKET}.lock"):
        path.unlink(missing_ok=True)
