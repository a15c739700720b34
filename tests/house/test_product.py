"""What belongs to the product is known with git and, in an archive, without it."""

import shutil
import subprocess
from pathlib import Path

from kit.checkout import ROOT
from tests.given.product import files

KEPT = ["a.py", "docs/b.md", ".ci/run"]
SET_ASIDE = [
    ".venv/bin/python",
    ".state/up.lock",
    "kit/__pycache__/a.pyc",
    "x.egg-info/top",
    ".env",
    "signing-key.pem",
]


def test_an_archive_has_the_same_files_as_the_checkout_that_it_was_made_of(tmp_path: Path) -> None:
    shutil.copy2(ROOT / ".gitignore", tmp_path)
    for name in (*KEPT, *SET_ASIDE):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    archive = files(tmp_path)
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)
    assert archive == files(tmp_path)
    assert sorted([Path(".gitignore"), *map(Path, KEPT)]) == archive
