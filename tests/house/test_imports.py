"""What a process loads and makes before it begins: it costs every start, and each worker of a rebuild."""

import subprocess
import sys
from pathlib import Path

from kit.auth.keys import ensure_signing_key
from kit.checkout import ROOT

LOADED = """
import importlib, sys
for name in sys.argv[1].split():
    importlib.import_module(name)
print(*sorted(set(sys.modules) & set(sys.argv[2:])))
"""

OF_HTTP = ("fastapi", "granian", "jwt", "pydantic", "starlette")

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
    assert ["msgspec"] == run(LOADED, "projections.this_build", "msgspec", *OF_HTTP)


def test_the_projector_loads_nothing_of_http() -> None:
    assert ["msgspec"] == run(LOADED, "scripts.main scripts.project", "msgspec", *OF_HTTP)


def test_what_watches_over_the_processes_loads_no_code_of_theirs() -> None:
    loads = ("asyncpg", "events", "msgspec", "projections", "read_side", "redis", "sqlalchemy", "write_side")
    assert ["asyncpg"] == run(LOADED, "scripts.main scripts.up.up", *loads, *OF_HTTP)


def test_words_of_the_command_are_read_without_any_of_that() -> None:
    loads = ("alembic", "asyncpg", "events", "msgspec", "psycopg", "rich", "sqlalchemy", "structlog")
    assert [""] == run(LOADED, "scripts.main", *loads, *OF_HTTP)


def test_names_of_this_build_are_taken_before_any_of_its_code_is_loaded() -> None:
    loads = (
        "events",
        "projections",
        "read_side",
        "write_side",
        "kit.meaning.values",
        "sqlalchemy",
        "msgspec",
    )
    assert [""] == run(LOADED, "scripts.main scripts.cli.build_names", *loads)


def test_a_serving_process_makes_no_route_and_no_model_of_a_kind_before_it_is_asked(tmp_path: Path) -> None:
    key = tmp_path / "key.pem"
    ensure_signing_key(key)
    assert [] == run(MADE, str(key))
