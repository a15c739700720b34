"""The contracts about imports name every kind of entry that there is, and are told as they are."""

import re
import tomllib
from typing import Any

from events.kinds.catalog import KINDS
from kit.checkout import ROOT


def contract(name: str) -> dict[str, Any]:
    config = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    found: dict[str, Any] = next(
        one for one in config["tool"]["importlinter"]["contracts"] if one["name"] == name
    )
    return found


def test_every_kind_is_hidden_from_the_others() -> None:
    places = [f"events.kinds.{kind.name}" for kind in KINDS]
    assert sorted(places) == sorted(contract("Kinds of entries do not know each other")["protected_modules"])


def test_what_the_read_side_may_import_of_events_is_told_as_the_contract_says() -> None:
    page = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    row = re.search(
        r"^\| `read_side/` \|.*\| `kit`; of `events` only what a kind is: (.*) \|$", page, re.MULTILINE
    )
    assert row is not None
    parts = {one.stem for one in (ROOT / "events").iterdir() if one.stem[0] != "_"}
    forbidden = contract("Queries know kinds and their fields, and nothing of what happened")[
        "forbidden_modules"
    ]
    assert parts - {name.removeprefix("events.") for name in forbidden} == set(re.findall(r"`(\w+)`", row[1]))
