"""The files that belong to the product: what git knows, or in an archive without it what is not set aside."""

import os
import subprocess
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

from kit.checkout import ROOT


def files(root: Path = ROOT) -> list[Path]:
    """Return the files of a checkout, or of an unpacked archive of one, relative to it and in order."""
    if not (root / ".git").exists():
        return sorted(_walked(root))
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}  # noqa: TID251 - handed on
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=root, env=inherited, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return sorted(Path(name) for name in listed.stdout.split("\0") if name and (root / name).exists())


def _walked(root: Path) -> Iterator[Path]:
    """Yield what `.gitignore` lets in: its lines are names at any depth, those of folders end in a slash."""
    lines = [line.strip() for line in (root / ".gitignore").read_text().splitlines()]
    folders = [line.rstrip("/") for line in lines if line.endswith("/")]
    names = [line for line in lines if line and not line.endswith("/")]
    for folder, below, found in os.walk(root):
        below[:] = [name for name in below if not any(fnmatch(name, one) for one in folders)]
        for name in found:
            if not any(fnmatch(name, one) for one in names):
                yield (Path(folder) / name).relative_to(root)
