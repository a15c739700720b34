"""What a process loads before it begins: each library costs every start, and each worker of a rebuild."""

import subprocess
import sys

from kit.checkout import ROOT

PROGRAM = "import sys, projections.this_build; print(*sorted(set(sys.modules) & set(sys.argv[1:])))"


def test_a_worker_of_a_rebuild_loads_nothing_of_http() -> None:
    found = subprocess.run(
        [sys.executable, "-c", PROGRAM, "pydantic", "fastapi", "starlette", "msgspec"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert ["msgspec"] == found.stdout.split()
