"""Names of meanings, kept beside Python's own bytecode: the next process need not read all the code for them.

What is kept counts for one build only: the same files, the same Python, the same versions of all libraries.
A process looks at the files before it loads them, again before it takes names, and again before it keeps one:
so it has no name of files that took the place of the code that it runs, and keeps none for them.
"""

import hashlib
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from importlib.util import cache_from_source
from pathlib import Path


class KeptNames:
    """Names that an earlier process of the same build has found.

    Args:
        path: the file that keeps them. Damaged, away, or not to be written, it costs time and no more.
        build: tells what the build is made of, as its files are now.
        adding: whether names that are found are kept for others.
    """

    def __init__(self, path: Path, build: Callable[[], str], *, adding: bool = True) -> None:
        self._path = path
        self._adding = adding
        self._build = build
        self._began_as = build()
        self._names = self._read()

    def name(self, of: str, find: Callable[[], str]) -> str:
        """Return the name that is kept of something, or else find it, and keep it for others.

        Args:
            of: what is named: one thing in every process of a build.
            find: finds the name by reading the code.
        """
        known = self._names.get(of)
        if known is None:
            known = self._names[of] = find()
            if self._adding and not self.outdated():
                self._write()
        return known

    def outdated(self) -> bool:
        """Tell whether files have changed since the beginning: what is loaded may be of either build."""
        return self._build() != self._began_as

    def _read(self) -> dict[str, str]:
        with suppress(OSError, ValueError):
            match json.loads(self._path.read_bytes()):
                case {"build": self._began_as, "names": dict(names)} if all(
                    isinstance(name, str) for name in names.values()
                ):
                    return names
        return {}

    def _write(self) -> None:
        """Keep all names, with those that others have kept meanwhile; nobody ever sees half of them."""
        self._names = self._read() | self._names
        whole = self._path.with_name(f"{self._path.name}.{os.getpid()}")
        with suppress(OSError):
            self._path.parent.mkdir(exist_ok=True)
            whole.write_text(json.dumps({"build": self._began_as, "names": self._names}))
            whole.replace(self._path)


def build_of(folders: Iterable[Path]) -> str:
    """Return what a build is made of, as 64 hex characters.

    Args:
        folders: where its code stands; Python and all libraries count as well.
    """
    found = hashlib.sha256(f"{sys.implementation.cache_tag} {sys.version} {sorted({*_libraries()})}".encode())
    for top in folders:
        above = len(str(top.parent))
        for folder, inner, files in os.walk(top):
            inner[:] = sorted(one for one in inner if one != "__pycache__")
            for file in sorted(files):
                code = b"cannot be read"
                with suppress(OSError), open(f"{folder}/{file}", "rb", buffering=0) as source:  # noqa: PTH123 - twice as fast
                    code = source.read()
                found.update(f"\0{folder[above:]}/{file} {len(code)}\0".encode())
                found.update(code)
    return found.hexdigest()


def _libraries() -> Iterator[str]:
    """Yield what is installed: such folders are named by library and version."""
    for place in sys.path:
        with suppress(OSError):
            names = os.listdir(place or ".")  # noqa: PTH208 - names are all that is wanted
            yield from (one for one in names if one.endswith((".dist-info", ".egg-info")))


BESIDE_BYTECODE = Path(cache_from_source(__file__)).with_suffix(".names")


def names_of(folders: Iterable[Path], path: Path = BESIDE_BYTECODE) -> KeptNames:
    """Return the names of a build, to which more are added where Python may keep bytecode.

    Call it before any of its code is loaded.

    Args:
        folders: the packages of the build.
        path: the file that keeps them.
    """
    tops = sorted(folders)
    return KeptNames(path, lambda: build_of(tops), adding=not sys.dont_write_bytecode)


_taken: list[KeptNames] = []
"""Those that are taken now."""


@contextmanager
def taking(names: KeptNames) -> Iterator[None]:
    """Take names from these while something of the build is asked for its own, once all its code is loaded.

    Nothing else may be asked meanwhile: what is made of other code could bear the same label. When files have
    changed since these names began, names are found and not taken.
    """
    if names.outdated():
        yield
        return
    _taken.append(names)
    try:
        yield
    finally:
        _taken.pop()


def kept_name(of: str, find: Callable[[], str]) -> str:
    """Return the name of something as `KeptNames.name` does while names are taken; else find it."""
    return _taken[-1].name(of, find) if _taken else find()
