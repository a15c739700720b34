"""An operator erases an account; after a restore `account erase-again` does it once more, by the list."""

from pathlib import Path
from typing import Any

import psycopg

from tests.scripts.verbs import answered

BACK = "update auth.account set name = 'Vera', name_key = 'vera', erased_at = null, disabled_at = null"


def test_whom_an_operator_erases_stays_erased_after_a_restore(database: str, tmp_path: Path) -> None:
    def run(*words: str) -> Any:
        return answered(*words, "--state", str(tmp_path), DATABASE_URL=database)

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
