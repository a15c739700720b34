"""The contracts about imports name every kind of entry that there is."""

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
