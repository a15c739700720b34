"""What a process loads and makes before it begins: it costs every start, and each worker of a rebuild."""

import subprocess
import sys
from pathlib import Path

from kit.auth.keys import ensure_signing_key
from kit.checkout import ROOT

LOADED = "import sys, projections.this_build; print(*sorted(set(sys.modules) & set(sys.argv[1:])))"

MADE = """
import gc, sys
from pathlib import Path
from fastapi.routing import APIRoute
from pydantic import BaseModel
from kit.settings import Settings
from scripts.app import assemble

assembled = assemble(Settings(signing_key_file=Path(sys.argv[1]), log_level="error"))
for one in gc.get_objects():
    if isinstance(one, APIRoute):
        print("route", one.path)
    elif isinstance(one, type) and issubclass(one, BaseModel) and "Aircraft" in one.__name__:
        print("model", one.__name__)
"""


def run(program: str, *words: str) -> list[str]:
    return subprocess.run(
        [sys.executable, "-c", program, *words], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split("\n")[:-1]


def test_a_worker_of_a_rebuild_loads_nothing_of_http() -> None:
    assert ["msgspec"] == run(LOADED, "pydantic", "fastapi", "starlette", "msgspec")


def test_a_serving_process_makes_no_route_and_no_model_of_a_kind_before_it_is_asked(tmp_path: Path) -> None:
    key = tmp_path / "key.pem"
    ensure_signing_key(key)
    assert [] == run(MADE, str(key))
