"""Where an embedded server lives and as whom it runs: in the state folder as we do, unless we are root."""

import grp
import os
import pwd
import shutil
import stat
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from kit.embedded.state import EmbeddedError, StateFolder

ELSEWHERE = Path("/var/lib/frankenjet")
"""Not in /tmp, which a reboot empties."""

NUMBERS = range(60706, 61184)
"""User and group ids that systems give to nobody: above people and packages, below systemd's dynamic ones."""


@dataclass(frozen=True)
class Home:
    """A folder that the server's user can reach."""

    folder: Path
    user: tuple[int, int] | None
    """uid and gid that servers run as; None: our own."""
    maker: tuple[int, int] | None = None
    """uid and gid that make a data folder, since `initdb` wants a user with a name; None: our own."""

    @property
    def uid(self) -> int:
        return os.geteuid() if self.user is None else self.user[0]

    def room(self, name: str) -> Path:
        """Return a folder in it that is the server user's alone."""
        path = self.folder / name
        if not path.exists():
            path.mkdir(mode=0o700)
            self.give(path)
        return path

    def give(self, path: Path) -> None:
        """Hand a folder and all in it to the server's user, unless it has it; no server may run on it.

        The folder itself comes last: if this is cut off, the next call does it again.
        """
        if self.user is None or path.stat().st_uid == self.user[0]:
            return
        for inside in path.rglob("*"):
            os.chown(inside, *self.user, follow_symlinks=False)
        os.chown(path, *self.user)

    def reaches(self, path: Path) -> bool:
        """Tell whether the server's user can come to a path and read it."""
        if self.user is None:
            return True
        readable = path.stat().st_mode & stat.S_IROTH
        return bool(readable) and open_to_others(path)


def open_to_others(path: Path) -> bool:
    """Tell whether every user of the machine may pass through a path and all folders above it."""
    return all(step.stat().st_mode & stat.S_IXOTH for step in (path, *path.parents))


def home(state: StateFolder) -> Home:
    """Find the home of a state's servers, or choose one at the first start; callers hold the servers' lock.

    Modes and users of the machine are left alone: root's servers run under a number that no other program
    has, kept in the file `runs-as`, and where it cannot reach the state folder their data live in a folder
    of their own, named in the file `elsewhere`.

    Raises:
        EmbeddedError: when there is no lesser user, or data that were reachable no longer are.
    """
    if os.geteuid() != 0:
        return Home(state.folder, None)
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError:
        raise EmbeddedError(
            "PostgreSQL does not run as root and there is no user `nobody`: run as an ordinary user"
        ) from None
    number = _number(state)
    user, maker = (number, number), (nobody.pw_uid, number)
    pointer = state.folder / "elsewhere"
    if pointer.exists():
        return Home(_known(pointer), user, maker)
    if open_to_others(state.folder):
        return Home(state.folder, user, maker)
    if (state.folder / "postgres").exists():
        raise EmbeddedError(
            f"the servers' user can no longer reach {state.folder}: a folder above it was closed"
        )
    return Home(_chosen(state, pointer), user, maker)


def _number(state: StateFolder) -> int:
    """Return the number that the servers of a state folder run under: no account and no program has it."""
    kept = state.folder / "runs-as"
    former = int(kept.read_text()) if kept.exists() else -1
    if former >= 0 and not _has_a_name(former):
        return former
    first = int(state.key, 16) % len(NUMBERS)
    running = {_owner(process) for process in Path("/proc").glob("[0-9]*")}
    numbers: list[int] = [*NUMBERS[first:], *NUMBERS[:first]]
    for number in numbers:
        if number not in running and not _has_a_name(number):
            kept.write_text(f"{number}\n")
            return number
    raise EmbeddedError(f"every user id from {NUMBERS[0]} to {NUMBERS[-1]} is taken: set DATABASE_URL")


def _has_a_name(number: int) -> bool:
    for find in (pwd.getpwuid, grp.getgrgid):
        with suppress(KeyError):
            find(number)
            return True
    return False


def _owner(process: Path) -> int:
    with suppress(OSError):
        return process.stat().st_uid
    return -1


def _known(pointer: Path) -> Path:
    folder = Path(pointer.read_text().strip())
    if not folder.is_dir() or folder.stat().st_uid != os.geteuid():
        raise EmbeddedError(f"the data of this state folder were in {folder}, which is gone or not ours")
    return folder


def _chosen(state: StateFolder, pointer: Path) -> Path:
    """Make a folder named by the path; one that is there belongs to an earlier state folder of that path."""
    if not ELSEWHERE.exists():
        ELSEWHERE.mkdir(parents=True)
        ELSEWHERE.chmod(0o755)
    names = (state.key if n == 0 else f"{state.key}-{n}" for n in count())
    folder = next(path for path in (ELSEWHERE / name for name in names) if not path.exists())
    folder.mkdir()
    folder.chmod(0o711)
    (folder / "belongs-to").write_text(f"{state.folder}\n")
    pointer.write_text(f"{folder}\n")
    return folder


def bring(home: Home, name: str, files: dict[str, Path]) -> Path:
    """Copy programs to where the server's user can run them; a copy that is up to date stays.

    Args:
        home: where to.
        name: name of the folder they come to.
        files: relative path there -> file or folder here; the first is compared to tell what is up to date.
    """
    target = home.folder / name
    relative, original = next(iter(files.items()))
    copied, facts = target / relative, original.stat()
    if copied.exists() and (copied.stat().st_size, copied.stat().st_mtime_ns) == (
        facts.st_size,
        facts.st_mtime_ns,
    ):
        return target
    fresh = home.folder / f"{name}.new"
    shutil.rmtree(fresh, ignore_errors=True)
    for where, source in files.items():
        (fresh / where).parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, fresh / where, ignore=shutil.ignore_patterns("*.a", "pgxs", "pkgconfig"))
        else:
            shutil.copy2(source, fresh / where)
    for path in (fresh, *fresh.rglob("*")):
        path.chmod(
            path.stat().st_mode | (0o555 if path.is_dir() or path.stat().st_mode & stat.S_IXUSR else 0o444)
        )
    shutil.rmtree(target, ignore_errors=True)
    fresh.rename(target)
    return target
