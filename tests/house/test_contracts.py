"""The contracts about imports name every kind of entry and every read model that there is."""

import tomllib
from typing import Any

from kit.checkout import ROOT
from projections.catalog import PROJECTIONS
from write_side.catalog import KINDS


def contract(name: str) -> dict[str, Any]:
    config = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    found: dict[str, Any] = next(
        one for one in config["tool"]["importlinter"]["contracts"] if one["name"] == name
    )
    return found


def test_every_kind_is_hidden_from_the_others() -> None:
    places = [f"{side}.{kind.name}" for kind in KINDS for side in ("events", "write_side", "read_side")]
    assert sorted(places) == sorted(contract("Kinds of entries do not know each other")["protected_modules"])


def test_every_projection_is_hidden_from_the_others() -> None:
    places = [f"projections.{one.name}" for one in PROJECTIONS]
    assert sorted(places) == sorted(contract("Projections do not know each other")["protected_modules"])
