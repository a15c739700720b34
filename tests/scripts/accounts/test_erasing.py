"""An operator erases an account; after a restore `account erase-again` does it once more, by the list."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg

BACK = "update auth.account set name = 'Vera', name_key = 'vera', erased_at = null, disabled_at = null"


def test_whom_an_operator_erases_stays_erased_after_a_restore(database: str, tmp_path: Path) -> None:
    def run(*words: str) -> Any:
        done = subprocess.run(
            [sys.executable, "-m", "scripts.main", *words, "--state", str(tmp_path), "--json"],
            env={"DATABASE_URL": database, "PATH": "/usr/bin:/bin"},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return json.loads(done.stdout) if done.returncode == 0 else (done.returncode, done.stderr)

    with psycopg.connect(database, autocommit=True) as owner:
        owner.execute(
            "insert into auth.account (id, name, name_key) values (gen_random_uuid(), 'Vera', 'vera')"
        )
        (listed,) = run("account", "list")["accounts"]
        id_ = listed["id"]
        assert {"erased": [id_]} == run("account", "erase", "Vera", "--reason", "law")
        assert (tmp_path / "erased").read_text() == f"{id_}\n"
        assert (1, "frankenjet: There is no such account.\n") == run("account", "erase", "Vera")
        assert "Deleted account" == run("account", "show", id_)["name"]
        assert {"erased": [id_]} == run("account", "erased")
        assert {"erased": []} == run("account", "erase-again")
        owner.execute(BACK)
        assert {"erased": [id_]} == run("account", "erase-again")
        owner.execute(BACK)
        other = tmp_path / "elsewhere"
        other.write_text(f"{id_}\n")
        assert {"erased": [id_]} == run("account", "erase-again", str(other))
        assert (2, True) == (
            (missing := run("account", "erase-again", "nowhere"))[0],
            "nowhere" in missing[1],
        )
